/// Policy or inventory documents, YAML or JSON, as read: a file, or an object of the cluster.
public struct PolicyFile: Hashable, Codable, Sendable {
  /// Where the documents are from.
  public enum Origin: String, Codable, Sendable {
    /// A file; places in it have a line and a column.
    case file
    /// An object of the cluster, which has no lines that anybody wrote.
    case object
  }

  /// The path as given, from which relative zone files start; of an object its kind and name, as `EgressPolicy/team-a`.
  public var path: String
  /// The content.
  public var text: String
  /// Where it is from.
  public var origin: Origin

  /// A file's path and content.
  public init(path: String, text: String, origin: Origin = .file) {
    self.path = path
    self.text = text
    self.origin = origin
  }

  /// The place of findings about the whole of it.
  var start: SourceLocation {
    switch origin {
    case .file: SourceLocation(file: path, line: 1, column: 1)
    case .object: SourceLocation(object: path)
    }
  }
}
