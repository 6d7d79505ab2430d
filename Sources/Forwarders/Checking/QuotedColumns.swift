/// Where the characters of a double-quoted scalar stand in its line, as JSON has a whole Corefile in one.
enum QuotedColumns {
  /// For each line of `text` the column of each character; nil if the scalar is not wholly in `line`.
  static func columns(of line: Substring, from column: Int, text: String) -> [[Int]]? {
    let scalars = Array(line.unicodeScalars)
    var index = column
    guard index >= 1, index <= scalars.count, scalars[index - 1] == "\"" else { return nil }
    var columns: [[Int]] = [[]]
    for scalar in text.unicodeScalars {
      guard index < scalars.count, scalars[index] != "\"" else { return nil }
      columns[columns.count - 1].append(index + 1)
      if scalar == "\n" { columns.append([]) }
      index += length(of: scalars[index...])
    }
    return index < scalars.count && scalars[index] == "\"" ? columns : nil
  }

  /// How many characters one escape or plain character takes.
  private static func length(of rest: ArraySlice<Unicode.Scalar>) -> Int {
    guard rest.first == "\\", let kind = rest.dropFirst().first else { return 1 }
    switch kind {
    case "x": return 4
    // A character outside the basic plane is two escapes in JSON; the columns after it are then not known.
    case "u": return 6
    case "U": return 10
    default: return 2
    }
  }
}
