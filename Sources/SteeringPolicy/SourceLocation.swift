/// A place in a file a person wrote, or an object of the cluster: where a value stands, so that a fault can point at it.
public struct SourceLocation: Hashable, Codable, Sendable {
  /// The file's path as given; of an object its kind and name, as `EgressPolicy/team-a`.
  public let file: String
  /// The line, from 1; 0 for an object.
  public let line: Int
  /// The column in characters, from 1; 0 for an object.
  public let column: Int

  /// A place by file, line and column.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// An object of the cluster, by its kind and name.
  public init(object: String) { self.init(file: object, line: 0, column: 0) }

  /// Whether it is an object of the cluster.
  public var isObject: Bool { line == 0 }
}

extension SourceLocation: CustomStringConvertible, Comparable {
  /// `file:line:column`, as editors and compilers write it; `Kind/name` for an object of the cluster.
  public var description: String { isObject ? file : "\(file):\(line):\(column)" }

  /// The order in which a reader meets the places.
  public static func < (left: SourceLocation, right: SourceLocation) -> Bool {
    (left.file, left.line, left.column) < (right.file, right.line, right.column)
  }
}
