import ArgumentParser
import Control
import Foundation
import SteeringPolicy

/// How a command prints what it found.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}

/// Where a command's words go: results to standard output, everything else to standard error.
enum Output {
  /// Prints a line to standard error.
  static func error(_ line: String) {
    write(line, to: .standardError)
  }

  /// Writes a line, as far as it can be: nobody at the other end is no reason for a server to end.
  static func write(_ line: String, to file: FileHandle) {
    try? file.write(contentsOf: Data((line + "\n").utf8))
  }

  /// Prints a value as JSON, keys sorted.
  static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}

/// A finding as JSON.
struct DiagnosticReport: Codable {
  let file: String
  let line: Int
  let column: Int
  let severity: Diagnostic.Severity
  let code: String
  let message: String

  init(_ diagnostic: Diagnostic) {
    file = diagnostic.location.file
    line = diagnostic.location.line
    column = diagnostic.location.column
    severity = diagnostic.severity
    code = diagnostic.code.rawValue
    message = diagnostic.message
  }
}

extension Sequence<Diagnostic> {
  /// `2 errors, 1 warning`.
  var summary: String {
    let errors = self.count { $0.severity == .error }
    let warnings = self.count { $0.severity == .warning }
    return "\(errors) error\(errors == 1 ? "" : "s"), \(warnings) warning\(warnings == 1 ? "" : "s")"
  }
}
