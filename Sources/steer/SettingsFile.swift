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

  private static func check(_ mapping: Node.Mapping, under prefix: String, _ path: String) throws {
    let known = Settings.Key.allCases.map(\.rawValue)
    for (key, value) in mapping {
      let name = prefix + (key.string ?? "")
      if known.contains(name) { continue }
      if let inner = value.mapping, known.contains(where: { $0.hasPrefix(name + ".") }) {
        try check(inner, under: name + ".", path)
        continue
      }
      throw SettingError(
        description: "\(path):\(key.mark?.line ?? 1): unknown setting '\(name)'; there are "
          + known.joined(separator: ", "))
    }
  }
}
