import Foundation
import SteeringPolicy

/// The files of a policy: every document under the paths that were named.
///
/// A folder is read with its subfolders; names that start with a dot are passed over, which keeps a mounted
/// ConfigMap's `..data` from being read twice.
public struct PolicyFiles: Sendable {
  /// The endings of files that are read from a folder.
  static let endings: Set<String> = ["yaml", "yml", "json"]
  /// The largest file, in octets.
  static let maximumFileSize = 64 << 20
  /// The most files.
  static let maximumCount = 10_000
  /// How deep folders may nest.
  static let maximumDepth = 16

  /// The files and folders that were named.
  public let paths: [String]

  /// The policy under files and folders.
  public init(paths: [String]) {
    self.paths = paths
  }

  /// The files' contents, in the order of the paths and then by name, and what could not be read.
  func read() -> (files: [PolicyFile], diagnostics: [Diagnostic]) {
    var (names, diagnostics) = list()
    var files: [PolicyFile] = []
    if names.count > Self.maximumCount {
      diagnostics.append(
        .atStart(of: names[0], .tooMany, "\(names.count) files; at most \(Self.maximumCount) are read"))
      names.removeLast(names.count - Self.maximumCount)
    }
    for name in names {
      switch Self.contents(of: name) {
      case .success(let octets):
        if let text = String(validating: octets, as: UTF8.self) {
          files.append(PolicyFile(path: name, text: text))
        } else {
          diagnostics.append(.atStart(of: name, .syntax, "the file is not UTF-8; save it as UTF-8"))
        }
      case .failure(let fault): diagnostics.append(fault.diagnostic)
      }
    }
    if files.isEmpty, diagnostics.isEmpty {
      diagnostics.append(
        .atStart(
          of: paths.first ?? ".", .nothingToLoad,
          "there is no .yaml, .yml or .json file here; name a folder or file that holds the policy"))
    }
    return (files, diagnostics)
  }

  /// The files' names.
  func list() -> (names: [String], diagnostics: [Diagnostic]) {
    var names: [String] = []
    var diagnostics: [Diagnostic] = []
    for path in paths {
      switch Self.type(of: path) {
      case nil:
        diagnostics.append(
          .atStart(of: path, .fileUnreadable, "there is no such file or folder; check the path"))
      case .typeDirectory: Self.list(path, depth: 0, &names, &diagnostics)
      default: names.append(path)
      }
    }
    return (names, diagnostics)
  }

  private static func list(
    _ folder: String, depth: Int, _ names: inout [String], _ diagnostics: inout [Diagnostic]
  ) {
    guard names.count <= maximumCount else { return }
    guard depth <= maximumDepth else {
      diagnostics.append(
        .atStart(of: folder, .tooMany, "folders nest more than \(maximumDepth) deep here; move the files up"))
      return
    }
    let entries: [String]
    do {
      entries = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch {
      diagnostics.append(
        .atStart(of: folder, .fileUnreadable, "the folder cannot be read; check its permissions"))
      return
    }
    for entry in entries where !entry.hasPrefix(".") {
      let path = (folder as NSString).appendingPathComponent(entry)
      if type(of: path) == .typeDirectory {
        list(path, depth: depth + 1, &names, &diagnostics)
      } else if endings.contains((entry as NSString).pathExtension.lowercased()) {
        names.append(path)
      }
    }
  }

  /// What stands at a path, links followed; nil if nothing does.
  private static func type(of path: String) -> FileAttributeType? {
    attributes(of: path)?[.type] as? FileAttributeType
  }

  private static func attributes(of path: String) -> [FileAttributeKey: Any]? {
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    return try? FileManager.default.attributesOfItem(atPath: target)
  }

  /// Why a file could not be read.
  struct Unreadable: Error {
    let diagnostic: Diagnostic
  }

  /// The octets of a file.
  static func contents(of path: String) -> Result<[UInt8], Unreadable> {
    func refuse(_ code: DiagnosticCode, _ message: String) -> Result<[UInt8], Unreadable> {
      .failure(Unreadable(diagnostic: .atStart(of: path, code, message)))
    }
    guard let attributes = attributes(of: path) else {
      return refuse(.fileUnreadable, "there is no such file; check the path")
    }
    guard attributes[.type] as? FileAttributeType == .typeRegular else {
      return refuse(.fileUnreadable, "it is not a regular file, or a link that leads nowhere; name a file")
    }
    guard let size = attributes[.size] as? Int, size <= maximumFileSize else {
      return refuse(.fileTooLarge, "the file has more than \(maximumFileSize) octets; split it")
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      return refuse(.fileUnreadable, "the file cannot be read; check its permissions")
    }
    return .success([UInt8](data))
  }
}

extension Diagnostic {
  /// A finding about a file as a whole.
  static func atStart(of path: String, _ code: DiagnosticCode, _ message: String) -> Diagnostic {
    Diagnostic(code, at: SourceLocation(file: path, line: 1, column: 1), message)
  }
}
