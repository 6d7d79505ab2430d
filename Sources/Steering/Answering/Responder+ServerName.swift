import DNSWire

/// The names in class CH by which a server tells of itself (RFC 4892).
struct ServerNames: Sendable {
  /// One name and what it is answered with.
  private struct Entry {
    var labels: [[UInt8]]
    /// From TYPE on, as records are encoded.
    var record: [UInt8]
  }

  private let entries: [Entry]

  /// The names that the settings have an answer for.
  init(_ settings: AnswerSettings) {
    let names = [
      ("version", "bind", settings.version), ("version", "server", settings.version),
      ("id", "server", settings.identifier), ("hostname", "bind", settings.identifier),
    ]
    entries = names.compactMap { host, domain, text in
      guard let text else { return nil }
      let string = Array(text.utf8.prefix(255))
      var record = RecordEncoder.encode(.txt, ttl: 0, rdata: [UInt8(string.count)] + string)
      record[3] = UInt8(RecordClass.chaos.rawValue)
      return Entry(labels: [Array(host.utf8), Array(domain.utf8)], record: record)
    }
  }

  /// The index of a name's entry; nil if it has none.
  func find(_ name: borrowing QuestionName) -> Int? {
    guard name.labelCount == 2 else { return nil }
    for index in entries.indices
    where name.hasLabel(entries[index].labels[0], at: 0) && name.hasLabel(entries[index].labels[1], at: 1) {
      return index
    }
    return nil
  }

  /// The record of an entry.
  func record(_ index: Int) -> [UInt8] { entries[index].record }
}

extension Responder {
  /// Answers `version.bind`, `version.server`, `id.server` and `hostname.bind` CH TXT, if the settings say what with.
  func answerServerName(
    _ query: borrowing Query, _ reply: inout Reply, _ writer: inout ResponseWriter,
    _ response: inout MutableSpan<UInt8>
  ) {
    guard query.type == .txt || query.type == .any, let index = serverNames.find(query.name) else {
      reply.rcode = .refused
      return
    }
    let record = serverNames.record(index)
    reply.flags = .authoritative
    reply.hasData = writer.append(
      record.span, from: 0, count: record.count, owner: ResponseWriter.questionNameOffset, section: .answer,
      in: &response)
    if !reply.hasData { reply.flags.insert(.truncated) }
    counters.add(.serverName)
  }
}
