import SteeringPolicy

/// A Corefile's text, and where its characters stand in the file that a person wrote.
struct CorefileSource {
  /// How places in the text become places in the file.
  enum Positions {
    /// The text is the file.
    case same
    /// The text is a block scalar: its lines are the file's, further down and to the right.
    case block(lines: Int, columns: Int)
    /// The text is in one quoted line: the column at which each character of each of its lines stands.
    case quoted(line: Int, columns: [[Int]])
    /// Known no better than where the text starts.
    case start(line: Int, column: Int)
  }

  /// The Corefile's text.
  var text: String
  /// The file's path as given.
  var path: String
  /// How places become places in the file.
  var positions = Positions.same

  /// Where a place in the text stands in the file.
  func location(_ place: Corefile.Place) -> SourceLocation {
    switch positions {
    case .same: SourceLocation(file: path, line: place.line, column: place.column)
    case .block(let lines, let columns):
      SourceLocation(file: path, line: place.line + lines, column: place.column + columns)
    case .quoted(let line, let columns):
      SourceLocation(file: path, line: line, column: Self.column(place, columns))
    case .start(let line, let column): SourceLocation(file: path, line: line, column: column)
    }
  }

  private static func column(_ place: Corefile.Place, _ columns: [[Int]]) -> Int {
    guard columns.indices.contains(place.line - 1) else { return 1 }
    let line = columns[place.line - 1]
    return line.indices.contains(place.column - 1) ? line[place.column - 1] : line.last ?? 1
  }
}
