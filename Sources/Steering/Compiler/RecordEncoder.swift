import DNSWire

/// Encodes records for answers: from TYPE on, without the owner.
enum RecordEncoder {
  /// What comes before the RDATA, in octets: TYPE 2, CLASS 2, TTL 4, RDLENGTH 2.
  static let headerSize = 10

  /// The size in octets of the encoded record at `start`.
  static func size(of octets: borrowing Span<UInt8>, at start: Int) -> Int {
    headerSize + (Int(octets[start + 8]) << 8 | Int(octets[start + 9]))
  }

  /// The TTL in seconds of the encoded record at `start`.
  static func ttl(of octets: borrowing Span<UInt8>, at start: Int) -> UInt32 {
    UInt32(octets.uint16(at: start + 4)) << 16 | UInt32(octets.uint16(at: start + 6))
  }

  /// A record's TYPE, CLASS IN, TTL in seconds, RDLENGTH and RDATA.
  static func encode(_ type: RecordType, ttl: UInt32, rdata: [UInt8]) -> [UInt8] {
    type.rawValue.bigEndianOctets + [0, 1] + ttl.bigEndianOctets
      + UInt16(truncatingIfNeeded: rdata.count).bigEndianOctets + rdata
  }

  /// The TXT record of a name that a view does not answer, where one must stand.
  static var placeholder: [UInt8] {
    let text = Array("no answer in this view".utf8)
    return encode(.txt, ttl: 0, rdata: [UInt8(text.count)] + text)
  }

  /// Adds encoded records as an RRset.
  static func addRRset(_ type: RecordType, _ records: [[UInt8]], to compiled: inout CompiledPolicy) -> RRset {
    let piece = compiled.append(Array(records.joined()))
    return RRset(
      type: type, count: UInt16(clamping: records.count), start: piece.start, length: piece.length)
  }
}
