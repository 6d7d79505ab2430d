import DNSWire
import Forwarders
import Foundation
import SteeringPolicy

/// What `steer check --corefile` found.
struct CorefileReport: Codable {
  var ok: Bool
  var zones: [String]
  var diagnostics: [DiagnosticReport]

  init(_ report: CorefileChecker.Report) {
    ok = !report.hasErrors
    zones = report.stubs.map(\.relativeDescription)
    diagnostics = report.findings.map(DiagnosticReport.init)
  }
}

extension DiagnosticReport {
  /// A finding about a Corefile, with the same fields as one about the policy.
  init(_ finding: CorefileFinding) {
    file = finding.location.file
    line = finding.location.line
    column = finding.location.column
    severity = finding.severity
    code = finding.code.rawValue
    message = finding.message
  }
}

/// Reads a Corefile from disk.
enum CorefileText {
  /// One octet more than is checked: enough to know that a file is too large, whatever stands behind its name.
  private static let limit = (1 << 20) + 1

  /// The file's text; nil, and a line on standard error, if it cannot be read.
  static func read(_ path: String) -> String? {
    do {
      let file = try FileHandle(forReadingFrom: URL(filePath: path))
      defer { try? file.close() }
      let octets = try file.read(upToCount: limit) ?? Data()
      guard let text = String(validating: octets, as: UTF8.self) else {
        Output.error("\(path):1:1: error: the file is not UTF-8; save it as UTF-8 [corefile-syntax]")
        return nil
      }
      return text
    } catch {
      Output.error("\(path): error: the file cannot be read; check the path and its permissions")
      return nil
    }
  }
}

extension CorefileChecker.Report {
  /// Prints every finding, then the summary.
  func printAll() {
    for finding in findings { print(finding) }
    print(summary)
  }

  /// The last line for people: `ok: zones …; 0 errors, 1 warning`.
  var summary: String {
    let errors = findings.count { $0.severity == .error }
    let warnings = findings.count - errors
    let counts = "\(errors) error\(errors == 1 ? "" : "s"), \(warnings) warning\(warnings == 1 ? "" : "s")"
    if hasErrors { return "refused: \(counts)" }
    return "ok: Corefile for \(stubs.map(\.relativeDescription).joined(separator: ", ")); \(counts)"
  }
}
