import Testing

/// An answer as a DNS client prints it, with types and data in the form for unknown ones (RFC 3597).
struct ClientAnswer: Equatable, CustomStringConvertible {
  /// The response code's name.
  var rcode: String
  /// The records as `section owner ttl type hexadecimal`.
  var records: Set<String> = []

  var description: String { ([rcode] + records.sorted()).joined(separator: "\n") }

  /// The answers in the output of dig, of kdig, or of ask.py.
  static func read(_ output: String) throws -> [ClientAnswer] {
    var answers: [ClientAnswer] = []
    var section = ""
    for line in output.split(separator: "\n") {
      if line.contains("->>HEADER<<-") {
        let words = line.split { $0 == " " || $0 == "," || $0 == ";" }
        let status = try #require(words.firstIndex(of: "status:"))
        answers.append(ClientAnswer(rcode: String(words[status + 1])))
      } else if line.hasSuffix(" SECTION:") {
        section = String(line.dropFirst(3).prefix { $0 != " " })
      } else if !line.hasPrefix(";") {
        let fields = line.split(whereSeparator: \.isWhitespace)
        let mark = try #require(fields.firstIndex(of: "\\#"), "no record: \(line)")
        try #require(mark == 4 && !answers.isEmpty, "no record: \(line)")
        let data = fields[(mark + 2)...].joined().lowercased()
        answers[answers.count - 1].records.insert(
          "\(section) \(fields[0].lowercased()) \(fields[1]) \(fields[3]) \(data)")
      }
    }
    return answers
  }

  /// The lines in which a client complains of what it got.
  static func complaints(_ finished: Finished) -> [Substring] {
    let words = ["warning", "malformed", "bad ", "extra ", "mismatch", "unexpected", "error", "failed", "timed out"]
    let complaints = finished.lines.filter { line in
      line.hasPrefix(";") && !line.contains("->>HEADER<<-") && words.contains { line.lowercased().contains($0) }
    }
    return complaints + finished.errors.split(separator: "\n")
  }
}
