import ProxyRoutes

/// An audit's report for people.
struct AuditText {
  private let report: AuditReport

  init(_ report: AuditReport) {
    self.report = report
  }

  /// What was read, what to mind, then the tables.
  var text: String {
    var lines = [
      "range     \(report.since ?? "all") to \(report.until ?? "all"); an answer is good for \(report.windowSeconds) s",
      "queries   \(describe(report.queries, as: "for steered names"))",
      "connects  \(describe(report.connects, as: "connections"))",
    ]
    lines += notes.map { "note: \($0)" }
    let entries = report.entries
    lines += table(
      "Resolved, never connected", ["CLIENT", "ROUTE", "ANSWERS", "FIRST", "LAST"],
      entries.filter(\.neverConnected).compactMap { entry in
        entry.resolved.map { [client(entry), entry.route, "\($0.count)", $0.first, $0.last] }
      })
    lines += table(
      "Connected without resolving",
      ["CLIENT", "ROUTE", "CONNECTS", "TOO LATE", "UNCERTAIN", "FIRST", "LAST", "DESTINATION"],
      entries.compactMap { entry in
        entry.unresolved.map {
          [
            client(entry), entry.route, "\($0.count)", "\($0.afterWindow)", "\($0.uncertain)", $0.first, $0.last,
            $0.destination,
          ]
        }
      })
    lines += table(
      "Denied", ["CLIENT", "ROUTE", "WHAT", "REASON", "RULE", "TIMES", "FIRST", "LAST", "DESTINATION"],
      entries.flatMap { entry in
        entry.denied.map {
          [
            client(entry), entry.route, $0.of, $0.reason, $0.rule ?? "-", "\($0.count)", $0.first, $0.last,
            $0.destination ?? "-",
          ]
        }
      })
    return lines.joined(separator: "\n")
  }

  private func describe(_ input: AuditReport.Input, as what: String) -> String {
    let times = input.first.flatMap { first in input.last.map { ", \(first) to \($0)" } } ?? ""
    return "\(input.lines) lines\(times); \(input.taken) \(what) in the range"
  }

  /// What makes the report less than certain.
  private var notes: [String] {
    var notes: [String] = []
    for (name, input) in [("query", report.queries), ("connect", report.connects)] {
      if let place = input.firstUnreadable {
        notes.append(
          "\(input.unreadable) lines of the \(name) log cannot be read; the first: "
            + "\(place.file):\(place.line) \(place.reason)")
      }
      if input.dropped > 0 {
        notes.append("the \(name) log dropped \(input.dropped) lines: what they told is missing here")
      }
    }
    if report.unidentifiedAnswers > 0 {
      notes.append(
        "\(report.unidentifiedAnswers) answers went to clients that the query log does not know; a connection without "
          + "resolving may have followed one of them")
    }
    if report.leftOut > 0 {
      notes.append("\(report.leftOut) lines were left out: there are too many clients and routes; narrow the range")
    }
    return notes
  }

  private func client(_ entry: AuditReport.Entry) -> String {
    if let namespace = entry.namespace { return "\(namespace)/\(entry.pod ?? "*")" }
    return entry.client ?? "-"
  }

  /// A table with its title; nothing below it if it has no rows.
  private func table(_ title: String, _ head: [String], _ rows: [[String]]) -> [String] {
    guard !rows.isEmpty else { return ["", "\(title): none"] }
    let rows = ([head] + rows).map { $0.map(Self.printable) }
    let widths = head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return ["", "\(title):"]
      + rows.map { row in
        let cells = row.indices.map { row[$0] + String(repeating: " ", count: widths[$0] - row[$0].count) }
        let line = cells.joined(separator: "  ")
        return String(line.prefix(line.count - (widths.last ?? 0) + (row.last?.count ?? 0)))
      }
  }

  /// A text that came from a log, without anything that a terminal would obey.
  private static func printable(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { (0x20...0x7E).contains($0.value) ? $0 : "?" }))
  }
}
