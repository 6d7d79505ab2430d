import Configuration

extension ConfigReader {
  func string(_ key: Settings.Key) async throws -> String? {
    try await fetch(key, "text") { try await fetchString(forKey: key.configKey) }
  }

  /// A text that one string of a TXT record can hold.
  func characterString(_ key: Settings.Key) async throws -> String? {
    guard let text = try await string(key) else { return nil }
    guard (1...255).contains(text.utf8.count) else {
      throw SettingError(description: "\(key.rawValue): the text has \(text.utf8.count) octets; 1 to 255 fit")
    }
    return text
  }

  func strings(_ key: Settings.Key) async throws -> [String]? {
    try await fetch(key, "a list, such as [one, two]") { try await fetchStringArray(forKey: key.configKey) }
  }

  func integer(_ key: Settings.Key, in range: ClosedRange<Int>) async throws -> Int? {
    let expected = "a number from \(range.lowerBound) to \(range.upperBound)"
    let value = try await fetch(key, expected) { try await fetchInt(forKey: key.configKey) }
    if let value, !range.contains(value) {
      throw SettingError(description: "\(key.rawValue): \(value) is not \(expected)")
    }
    return value
  }

  func boolean(_ key: Settings.Key) async throws -> Bool? {
    try await fetch(key, "true or false") { try await fetchBool(forKey: key.configKey) }
  }

  func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: Settings.Key, of type: Choice.Type
  ) async throws -> Choice? {
    let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    guard let text = try await string(key) else { return nil }
    guard let choice = Choice(rawValue: text) else {
      throw SettingError(description: "\(key.rawValue): '\(text)' is none of \(choices)")
    }
    return choice
  }

  /// A value, or an error that names the setting and what it takes.
  private func fetch<Value>(
    _ key: Settings.Key, _ expected: String, _ body: () async throws -> Value?
  ) async throws -> Value? {
    do {
      return try await body()
    } catch {
      throw SettingError(description: "\(key.rawValue): the value is not \(expected)")
    }
  }
}
