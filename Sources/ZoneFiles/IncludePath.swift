/// The paths of a zone's files, handled as text: `/` separates, `.` and `..` are resolved.
///
/// Symbolic links are not looked at; who may place files in the folder may place links there too.
struct IncludePath {
  /// The master file's folder with its final slash, or nothing where its path has none.
  private let root: String

  /// The paths of the zone whose master file is at `path`.
  init(masterFile path: String) {
    root = Self.folder(path)
  }

  /// The path of the file that `file` includes as `name`.
  ///
  /// - Throws: when `name` is absolute or leads out of the master file's folder.
  func resolve(_ name: String, from file: String) throws(EntryFault) -> String {
    guard !name.isEmpty else { throw EntryFault("the path of the file is empty", code: .include) }
    guard !name.hasPrefix("/") else {
      throw EntryFault(
        "\(excerpt(name.utf8)) is absolute; put the file in the zone's folder and write a relative path",
        code: .include)
    }
    var parts: [Substring] = []
    for part in (Self.folder(file).dropFirst(root.count) + name).split(separator: "/") where part != "." {
      guard part == ".." else {
        parts.append(part)
        continue
      }
      guard parts.popLast() != nil else {
        throw EntryFault(
          "\(excerpt(name.utf8)) leads out of the zone's folder; put the file there", code: .include)
      }
    }
    guard !parts.isEmpty else { throw EntryFault("\(excerpt(name.utf8)) is a folder", code: .include) }
    return root + parts.joined(separator: "/")
  }

  private static func folder(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }
}
