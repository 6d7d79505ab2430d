import Foundation
import Yams

/// The configuration file, looked over for keys that mean nothing: a misspelt one must not be silently a default.
enum SettingsFile {
  /// Throws a `SettingError` with the line of the first fault.
  static func check(_ path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw SettingError(description: "\(path): the file cannot be read; check the path of --config")
    }
    let node: Node?
    do {
      node = try Yams.compose(yaml: String(decoding: data, as: UTF8.self))
    } catch {
      throw SettingError(description: "\(path): \(error)")
    }
    guard let node else { return }
    guard let mapping = node.mapping else {
      throw SettingError(
        description: "\(path):1: a mapping of settings was expected, such as 'listen: [127.0.0.1:5300]'")
    }
    try check(mapping, under: "", path)
  }

  /// Throws what is wrong with the keys of a mapping, whose names start with `prefix`.
  private static func check(_ mapping: Node.Mapping, under prefix: String, _ path: String) throws {
    for (key, value) in mapping {
      let name = prefix + (key.string ?? "")
      let place = "\(path):\(key.mark?.line ?? 1)"
      let group = Settings.Key.allCases.filter { $0.rawValue.hasPrefix(name + ".") }
      if let setting = Settings.Key(rawValue: name) {
        guard value.mapping != nil else { continue }
        throw SettingError(
          description: "\(place): '\(name)' takes a value, not a mapping; write "
            + example(of: [setting], under: prefix))
      }
      guard !group.isEmpty else {
        throw SettingError(
          description: "\(place): unknown setting '\(name)'; there are "
            + Settings.Key.allCases.map(\.rawValue).joined(separator: ", "))
      }
      guard let inner = value.mapping else {
        throw SettingError(
          description: "\(place): '\(name)' is a group of settings; write, with those that you need, "
            + "\(name): {\(example(of: group, under: name + "."))}")
      }
      try check(inner, under: name + ".", path)
    }
  }

  /// Keys and values as a mapping has them whose names start with `prefix`.
  private static func example(of settings: [Settings.Key], under prefix: String) -> String {
    settings.map { "\($0.rawValue.dropFirst(prefix.count)): \($0.example)" }.joined(separator: ", ")
  }
}
