/// A response read back: header, question and records, for tests of the policy and for explanations.
public struct Response: Sendable {
  /// One record of a response.
  public struct Record: Sendable {
    /// The section it stands in.
    public let section: ResponseWriter.Section
    /// The type.
    public let type: RecordType
    /// Time to live in seconds; for an OPT, its extended fields.
    public let ttl: UInt32
    /// The RDATA as it stands in the message.
    public let rdata: [UInt8]
  }

  /// The response code; an unknown one reads as SERVFAIL.
  public let rcode: ResponseCode
  /// The flags.
  public let flags: Header.Flags
  /// The records in order, the OPT not among them.
  public let records: [Record]
  /// The INFO-CODE of the first extended DNS error, if there is one (RFC 8914).
  public let extendedError: UInt16?

  /// Reads a response; nil if it is malformed.
  public init?(_ octets: [UInt8]) {
    let message = octets.span
    guard message.count >= Header.size, message.uint16(at: 4) <= 1 else { return nil }
    let rawFlags = message.uint16(at: 2)
    var position = Header.size
    if message.uint16(at: 4) == 1 {
      guard let end = message.skipName(at: position), end + 4 <= message.count else { return nil }
      position = end + 4
    }
    var records: [Record] = []
    var rcode = rawFlags & 0xF
    var extendedError: UInt16?
    for (offset, section) in [(6, ResponseWriter.Section.answer), (8, .authority), (10, .additional)] {
      for _ in 0..<message.uint16(at: offset) {
        guard let fields = message.skipName(at: position), fields + 10 <= message.count else { return nil }
        let end = fields + 10 + Int(message.uint16(at: fields + 8))
        guard end <= message.count else { return nil }
        let record = Record(
          section: section, type: RecordType(rawValue: message.uint16(at: fields)),
          ttl: UInt32(message.uint16(at: fields + 4)) << 16 | UInt32(message.uint16(at: fields + 6)),
          rdata: Array(octets[(fields + 10)..<end]))
        position = end
        guard record.type == .opt else {
          records.append(record)
          continue
        }
        rcode |= UInt16(truncatingIfNeeded: record.ttl >> 24) << 4
        extendedError = Self.extendedError(record.rdata)
      }
    }
    self.rcode = ResponseCode(rawValue: rcode) ?? .serverFailure
    flags = Header.Flags(rawValue: rawFlags)
    self.records = records
    self.extendedError = extendedError
  }

  /// The addresses of the answer section, in order.
  public var addresses: [IPAddress] {
    records.filter { $0.section == .answer && ($0.type == .a || $0.type == .aaaa) }
      .compactMap { IPAddress(octets: $0.rdata) }
  }

  /// The INFO-CODE of the first extended DNS error among an OPT's options.
  private static func extendedError(_ options: [UInt8]) -> UInt16? {
    let options = options.span
    var position = 0
    while position + 4 <= options.count {
      let end = position + 4 + Int(options.uint16(at: position + 2))
      if options.uint16(at: position) == EDNSOptionCode.extendedError, position + 6 <= options.count {
        return options.uint16(at: position + 4)
      }
      position = end
    }
    return nil
  }
}
