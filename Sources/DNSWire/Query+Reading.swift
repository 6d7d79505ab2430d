extension Query {
  /// Reads a message in place of what was here before.
  ///
  /// One question and nothing in the answer and authority sections (RFC 9619), but the client's SOA in those of an IXFR
  /// (RFC 1995 §3); at most one OPT, its owner the root (RFC 6891 §6.1.1); at most one TSIG, the last record (RFC 8945
  /// §5.1); no octet left over. Other additional records are skipped, EDNS options that are not known are ignored.
  public mutating func read(_ message: borrowing Span<UInt8>) -> Outcome {
    questionEnd = Header.size
    edns = nil
    signatureStart = 0
    knownSerial = nil
    guard message.count >= Header.size else { return .silence }
    id = message.uint16(at: 0)
    flags = Header.Flags(rawValue: message.uint16(at: 2))
    if flags.contains(.response) { return .silence }
    // The OPT is looked for in what is refused too: who asks with EDNS is answered with it (RFC 6891 §6.1.1).
    let isWhole = readQuestion(message) && readRest(message)
    guard flags.isDisjoint(with: .opcode) else {
      guard flags.intersection(.opcode) == .notify else { return .unknownOpcode }
      return hasQuestion ? .notification : .malformed
    }
    if isWhole, hasQuestion { return .query }
    return isWhole && edns?.cookie.isEmpty == false && edns?.hasInvalidOption == false ? .cookieRequest : .malformed
  }

  /// Reads the question, if there is one; false if it is malformed, or not alone.
  private mutating func readQuestion(_ message: borrowing Span<UInt8>) -> Bool {
    let count = message.uint16(at: 4)
    if count == 0 { return true }
    guard count == 1, let nameEnd = name.read(from: message, at: Header.size), nameEnd + 4 <= message.count else {
      return false
    }
    type = RecordType(rawValue: message.uint16(at: nameEnd))
    recordClass = RecordClass(rawValue: message.uint16(at: nameEnd + 2))
    questionEnd = nameEnd + 4
    return true
  }

  /// Reads what follows the question; false if it is malformed, or more than additional records.
  private mutating func readRest(_ message: borrowing Span<UInt8>) -> Bool {
    guard message.uint16(at: 6) == 0 else { return false }
    var position = questionEnd
    if message.uint16(at: 8) > 0 {
      guard let end = readKnownSerial(message) else { return false }
      position = end
    }
    let count = message.uint16(at: 10)
    return count == 0 ? position == message.count : readAdditional(message, from: position, count: count)
  }

  /// Reads the SOA in the authority section of an IXFR and returns where it ends; nil if it is not that.
  private mutating func readKnownSerial(_ message: borrowing Span<UInt8>) -> Int? {
    guard message.uint16(at: 8) == 1, hasQuestion, type == .ixfr,
      let fields = message.skipName(at: questionEnd), fields + 10 <= message.count,
      RecordType(rawValue: message.uint16(at: fields)) == .soa,
      let contact = message.skipName(at: fields + 10), let serial = message.skipName(at: contact)
    else { return nil }
    let end = fields + 10 + Int(message.uint16(at: fields + 8))
    guard serial + 20 == end, end <= message.count else { return nil }
    knownSerial = UInt32(message.uint16(at: serial)) << 16 | UInt32(message.uint16(at: serial + 2))
    return end
  }

  /// Walks the additional section for its OPT and its TSIG; false if a record is malformed, a second OPT is there, or a
  /// record after the TSIG.
  private mutating func readAdditional(
    _ message: borrowing Span<UInt8>, from start: Int, count: UInt16
  ) -> Bool {
    var position = start
    for _ in 0..<count {
      guard !isSigned, let nameEnd = message.skipName(at: position), nameEnd + 10 <= message.count else {
        return false
      }
      let dataLength = Int(message.uint16(at: nameEnd + 8))
      let end = nameEnd + 10 + dataLength
      guard end <= message.count else { return false }
      switch RecordType(rawValue: message.uint16(at: nameEnd)) {
      case .opt:
        guard edns == nil, nameEnd == position + 1, readOPT(message, at: nameEnd, end: end) else {
          edns = nil
          return false
        }
      case .tsig: signatureStart = position
      default: break
      }
      position = end
    }
    return position == message.count
  }

  /// Reads an OPT whose TYPE is at `position`: class is the payload size, TTL is extended rcode, version and flags.
  private mutating func readOPT(_ message: borrowing Span<UInt8>, at position: Int, end: Int) -> Bool {
    var edns = EDNS(
      payloadSize: message.uint16(at: position + 2), version: message[position + 5],
      dnssecOK: message[position + 6] & 0x80 != 0, wantsNSID: false,
      options: (position + 10)..<end)
    var option = position + 10
    while option < end {
      guard option + 4 <= end else { return false }
      let code = message.uint16(at: option)
      let data = (option + 4)..<(option + 4 + Int(message.uint16(at: option + 2)))
      option = data.upperBound
      guard option <= end else { return false }
      switch code {
      case EDNSOptionCode.nsid: edns.wantsNSID = true
      case EDNSOptionCode.clientSubnet: edns.hasClientSubnet = true
      case EDNSOptionCode.cookie where edns.cookie.isEmpty && !edns.hasInvalidOption:
        edns.cookie = data
        // A client cookie of 8 octets, and a server cookie of 8 to 32 if there is one (RFC 7873 §4).
        if data.count != 8 && !(16...40).contains(data.count) { edns.hasInvalidOption = true }
      case EDNSOptionCode.keepalive:
        edns.wantsKeepalive = true
        if !data.isEmpty { edns.hasKeepaliveTime = true }
      default: break
      }
    }
    self.edns = edns
    return true
  }
}

/// EDNS option codes (IANA "DNS EDNS0 Option Codes").
public enum EDNSOptionCode {
  /// Name server identifier (RFC 5001).
  public static let nsid: UInt16 = 3
  /// Client Subnet (RFC 7871).
  public static let clientSubnet: UInt16 = 8
  /// DNS cookie (RFC 7873).
  public static let cookie: UInt16 = 10
  /// Keepalive of TCP connections (RFC 7828).
  public static let keepalive: UInt16 = 11
  /// Extended DNS error (RFC 8914).
  public static let extendedError: UInt16 = 15
}

extension Span<UInt8> {
  /// The two octets at `position` as a number, first octet high; both must be there.
  @inlinable
  public func uint16(at position: Int) -> UInt16 {
    UInt16(self[position]) << 8 | UInt16(self[position + 1])
  }

  /// Where the name at `position` ends: past its root or its first pointer; nil if it runs out of the message.
  ///
  /// A pointer is not followed: a name that is only skipped needs no loop to be found in it.
  func skipName(at position: Int) -> Int? {
    var position = position
    while position < count {
      let size = Int(self[position])
      if size == 0 { return position + 1 }
      if size >= 0xC0 { return position + 2 <= count ? position + 2 : nil }
      guard size <= DomainName.maximumLabelLength else { return nil }
      position += 1 + size
    }
    return nil
  }
}
