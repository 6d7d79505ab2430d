/// A place in a file a person wrote: where a value stands, so that a fault can point at it.
public struct SourceLocation: Hashable, Sendable {
  /// The file's path as given.
  public let file: String
  /// The line, from 1.
  public let line: Int
  /// The column in characters, from 1.
  public let column: Int

  /// A place by file, line and column.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }
}

extension SourceLocation: CustomStringConvertible, Comparable {
  /// `file:line:column`, as editors and compilers write it.
  public var description: String { "\(file):\(line):\(column)" }

  /// The order in which a reader meets the places.
  public static func < (left: SourceLocation, right: SourceLocation) -> Bool {
    (left.file, left.line, left.column) < (right.file, right.line, right.column)
  }
}
