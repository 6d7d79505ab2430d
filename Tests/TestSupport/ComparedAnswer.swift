public import DNSWire

/// What two servers' answers to one question have to have in common.
///
/// Left out are the message's ID and size, OPT, and what a server is free in: the order of records, the case of names,
/// and the flags RD and RA.
public struct ComparedAnswer: Hashable, Sendable {
  /// A record as it is compared.
  public struct Record: Hashable, Sendable, Comparable {
    public var owner: String
    public var ttl: UInt32?
    public var type: String
    public var rdata: String

    /// A record; names and types in any case.
    public init(owner: String, ttl: UInt32? = nil, type: String, rdata: String) {
      self.owner = owner.lowercased()
      self.ttl = ttl
      self.type = type.uppercased()
      self.rdata = rdata.lowercased()
    }

    /// A record as libldns writes it: `owner ttl class type rdata`.
    fileprivate init(_ line: String) {
      let fields = line.split(separator: " ", maxSplits: 4).map(String.init)
      let rdata = fields.count > 4 ? fields[4] : ""
      self.init(
        owner: fields.first ?? "", ttl: fields.count > 1 ? UInt32(fields[1]) : nil,
        type: fields.count > 3 ? fields[3] : "", rdata: rdata)
    }

    public static func < (left: Record, right: Record) -> Bool {
      (left.owner, left.type, left.rdata) < (right.owner, right.type, right.rdata)
    }
  }

  /// The response code, extended bits included.
  public var rcode: UInt16
  /// QR, AA, TC, AD and CD, if set.
  public var flags: Set<LDNSMessage.Flag>
  public var answer: [Record]
  public var authority: [Record]
  public var additional: [Record]

  /// An answer made of its parts.
  public init(
    rcode: UInt16, flags: Set<LDNSMessage.Flag>, answer: [Record], authority: [Record], additional: [Record]
  ) {
    self.rcode = rcode
    self.flags = flags
    self.answer = answer.sorted()
    self.authority = authority.sorted()
    self.additional = additional.sorted()
  }

  /// What of a message is compared.
  public init(_ message: LDNSMessage) {
    self.init(
      rcode: message.fullRcode,
      flags: message.flags.subtracting([.recursionDesired, .recursionAvailable]),
      answer: message.answer.map(Record.init), authority: message.authority.map(Record.init),
      additional: message.additional.map(Record.init))
  }

  /// The answer without TTLs, and with each record once.
  public var withoutTTLs: ComparedAnswer {
    func strip(_ records: [Record]) -> [Record] {
      Array(Set(records.map { Record(owner: $0.owner, type: $0.type, rdata: $0.rdata) }))
    }
    return ComparedAnswer(
      rcode: rcode, flags: flags, answer: strip(answer), authority: strip(authority), additional: strip(additional))
  }
}

extension ComparedAnswer: CustomStringConvertible {
  /// The answer as text, one line to a record.
  public var description: String {
    let head = "rcode \(rcode), \(flags.map { "\($0)" }.sorted().joined(separator: " "))"
    let sections = [("answer", answer), ("authority", authority), ("additional", additional)]
    let lines = sections.flatMap { name, records in
      records.map { "  \(name): \($0.owner) \($0.ttl.map { "\($0) " } ?? "")\($0.type) \($0.rdata)" }
    }
    return ([head] + lines).joined(separator: "\n")
  }
}

/// A client that compares what servers answer: over UDP, and over TCP what UDP truncates.
public struct ComparingClient: ~Copyable {
  private let server: Endpoint
  private let source = IPAddress(v4: 0x7F00_0001)
  private let datagrams: LoopbackClient

  /// A client of a server on loopback.
  public init(to server: Endpoint) throws {
    self.server = server
    datagrams = try LoopbackClient(from: source, to: server)
  }

  /// The answer to a query, TC aside; throws if libldns does not read it, or if it does not echo ID and question.
  public func ask(_ query: WireQuery) throws -> (answer: ComparedAnswer, isTruncated: Bool) {
    let message = try check(datagrams.ask(query.octets), of: query)
    return message.flags.contains(.truncated)
      ? (try askOverTCP(query), true) : (ComparedAnswer(message), false)
  }

  /// The answer to a query over TCP, where there is room for all of it.
  public func askOverTCP(_ query: WireQuery) throws -> ComparedAnswer {
    let stream = try LoopbackClient(from: source, to: server, overTCP: true)
    return ComparedAnswer(try check(stream.ask(query.octets), of: query))
  }

  private func check(_ octets: [UInt8], of query: WireQuery) throws -> LDNSMessage {
    let asked = query.octets
    guard octets.prefix(2) == asked.prefix(2), octets.dropFirst(12).starts(with: query.question) else {
      throw LDNSMessageError(description: "the answer does not echo ID and question")
    }
    return try LDNSMessage(octets)
  }
}
