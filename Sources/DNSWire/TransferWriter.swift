/// Writes one message of a zone transfer into a buffer (RFC 5936 §2.2): header, question, records, OPT.
///
/// The question's name is the zone's apex, and every owner lies at or below it: a few labels, then a pointer.
public struct TransferWriter: ~Copyable {
  /// How many octets are written.
  public private(set) var position: Int
  private let limit: Int
  private var count: UInt16 = 0

  /// Starts a message, of which the last `reserved` octets of the buffer are kept free, by echoing the question.
  public init(
    echoing query: borrowing Query, of message: borrowing Span<UInt8>, reserved: Int,
    in buffer: inout MutableSpan<UInt8>
  ) {
    position = query.questionEnd
    limit = buffer.count - reserved - (query.edns == nil ? 0 : ResponseWriter.emptyOPTSize)
    buffer.copy(message, from: Header.size, count: position - Header.size, to: Header.size)
  }

  /// Adds one record whose owner is `labels` (wire format without the root) below the apex; false if it does not fit.
  ///
  /// `source` holds the record from its TYPE on; `ttl`, in seconds, takes the place of the one in it.
  public mutating func append(
    _ source: borrowing Span<UInt8>, from start: Int, count size: Int, labels: borrowing Span<UInt8>, ttl: UInt32?,
    in buffer: inout MutableSpan<UInt8>
  ) -> Bool {
    guard labels.count + 2 + size <= limit - position, count < .max else { return false }
    buffer.copy(labels, from: 0, count: labels.count, to: position)
    let pointer = position + labels.count
    buffer.setUInt16(0xC000 | UInt16(ResponseWriter.questionNameOffset), at: pointer)
    buffer.copy(source, from: start, count: size, to: pointer + 2)
    if let ttl {
      buffer.setUInt16(UInt16(truncatingIfNeeded: ttl >> 16), at: pointer + 6)
      buffer.setUInt16(UInt16(truncatingIfNeeded: ttl), at: pointer + 8)
    }
    position = pointer + 2 + size
    count += 1
    return true
  }

  /// Ends the message by writing its OPT, if the query has one, and its header; returns its size in octets.
  public mutating func finish(_ query: borrowing Query, in buffer: inout MutableSpan<UInt8>) -> Int {
    if let edns = query.edns {
      buffer[position] = 0
      buffer.setUInt16(RecordType.opt.rawValue, at: position + 1)
      buffer.setUInt16(UInt16(ResponseWriter.maximumUDPSize), at: position + 3)
      buffer.setUInt16(0, at: position + 5)
      buffer.setUInt16(edns.dnssecOK ? 0x8000 : 0, at: position + 7)
      buffer.setUInt16(0, at: position + 9)
      position += ResponseWriter.emptyOPTSize
    }
    let echoed = query.flags.intersection([.opcode, .recursionDesired])
    buffer.setUInt16(query.id, at: 0)
    buffer.setUInt16(echoed.union([.response, .authoritative]).rawValue, at: 2)
    buffer.setUInt16(1, at: 4)
    buffer.setUInt16(count, at: 6)
    buffer.setUInt16(0, at: 8)
    buffer.setUInt16(query.edns == nil ? 0 : 1, at: 10)
    return position
  }
}

extension MutableSpan<UInt8> {
  /// Appends a record to a whole message of `size` octets, as the last of its additional section; returns the new size,
  /// or the old one if it does not fit.
  public mutating func appendAdditional(_ record: [UInt8], to size: Int) -> Int {
    guard size + record.count <= count else { return size }
    copy(record.span, from: 0, count: record.count, to: size)
    setUInt16((UInt16(self[10]) << 8 | UInt16(self[11])) &+ 1, at: 10)
    return size + record.count
  }
}
