import Steering
import SteeringPolicy

/// An access matrix as rows of text.
struct MatrixTable {
  private let header: [String]
  private let rows: [[String]]

  init(_ matrix: AccessMatrix, of policy: PolicySet) {
    header = ["kind", "subject"] + matrix.routes
    let own = policy.routes.map { $0.backends.map(\.service.description) }
    rows = matrix.rows.map { row in
      [row.kind, row.subject]
        + zip(row.cells, own).map { cell, services in
          guard cell.resolves else { return "-" }
          if cell.reportOnly { return "report" }
          return cell.services == services ? "allow" : cell.services.joined(separator: " ")
        }
    }
  }

  /// Columns padded with spaces.
  var text: String {
    let widths = header.indices.map { column in
      ([header] + rows).map { $0[column].count }.max() ?? 0
    }
    return ([header] + rows).map { row in
      zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        .trimmingSpaces
    }.joined(separator: "\n")
  }

  /// Comma-separated values (RFC 4180).
  var csv: String {
    ([header] + rows).map { row in
      row.map { field in
        field.contains(where: { ",\"\n\r".contains($0) })
          ? "\"\(field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\"" : field
      }.joined(separator: ",")
    }.joined(separator: "\r\n")
  }

  /// A page of its own, without script.
  var html: String {
    func line(_ row: [String], _ tag: String) -> String {
      "<tr>" + row.map { "<\(tag)\($0 == "-" ? " class=\"no\"" : "")>\($0.escapedForHTML)</\(tag)>" }.joined()
        + "</tr>"
    }
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>Steer: access matrix</title>
      <style>body{font-family:sans-serif}table{border-collapse:collapse}
      th,td{border:1px solid #999;padding:.3em .6em;text-align:left}.no{color:#999}</style></head><body>
      <h1>Who may resolve and connect</h1>
      <table><thead>\(line(header, "th"))</thead><tbody>
      \(rows.map { line($0, "td") }.joined(separator: "\n"))
      </tbody></table></body></html>
      """
  }
}

extension String {
  /// The text without the spaces at its end.
  fileprivate var trimmingSpaces: String {
    String(self[..<(lastIndex { $0 != " " }.map { index(after: $0) } ?? startIndex)])
  }

  /// The text with the characters escaped that mean something in HTML.
  fileprivate var escapedForHTML: String {
    reduce(into: "") { text, character in
      switch character {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      default: text.append(character)
      }
    }
  }
}
