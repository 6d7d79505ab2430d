import Foundation

/// A folder of one test's own, removed with it.
final class WorkingFolder: Sendable {
  /// Where the folder is.
  let url: URL

  /// The example zone and policy of the repository.
  static let zones = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../zones").standardizedFileURL

  /// An empty folder, or a copy of another one.
  init(copying source: URL? = nil) throws {
    url = FileManager.default.temporaryDirectory.appending(path: "steer-\(UUID().uuidString)")
    if let source {
      try FileManager.default.copyItem(at: source, to: url)
    } else {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
  }

  /// The folder's path.
  var path: String { url.path }

  /// The path of a file in the folder.
  func path(of name: String) -> String { url.appending(path: name).path }

  /// Makes an empty file of an unused name.
  func makeFile() throws -> URL {
    let file = url.appending(path: "output-\(UUID().uuidString)")
    try Data().write(to: file)
    return file
  }

  /// Writes a file as an editor does: beside it, then renamed over it.
  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: url.appending(path: name), options: .atomic)
  }

  /// Replaces a text in a file, which must have it.
  func replace(_ old: String, with new: String, in name: String) throws {
    let text = try String(contentsOf: url.appending(path: name), encoding: .utf8)
    guard text.contains(old) else { throw CocoaError(.fileReadCorruptFile) }
    try write(text.replacing(old, with: new), to: name)
  }
}
