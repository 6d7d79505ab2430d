/// Writes one response into a buffer: header, question as asked, records, OPT.
///
/// The writer holds positions only; the buffer is handed to each call. A record that does not fit is left out and
/// the call says so. Room for the OPT is kept back from the start, so that it always fits.
public struct ResponseWriter: ~Copyable {
  /// The largest UDP response ever sent, in octets: fits the IPv6 minimum MTU (RFC 9715 §3).
  public static let maximumUDPSize = 1232
  /// The largest response to a client without EDNS over UDP, in octets (RFC 1035 §4.2.1).
  public static let minimumUDPSize = 512
  /// The size of the longest Client Subnet option, in octets.
  public static let clientSubnetSize = 24
  /// The size of a COOKIE option with a server cookie of 16 octets, in octets.
  public static let cookieSize = 28
  /// The size of a keepalive option with its time, in octets.
  public static let keepaliveSize = 6
  /// The size of an OPT record without options, in octets.
  static let emptyOPTSize = 11
  /// Where the names end that a compression pointer can aim at (RFC 1035 §4.1.4).
  public static let pointerLimit = 0x4000
  /// The offset of the question's name, at which compression pointers aim.
  public static let questionNameOffset = Header.size

  /// A section of the message that records are added to.
  public enum Section: Int, Sendable {
    case answer = 0
    case authority = 1
    case additional = 2
  }

  /// How many octets are written.
  public private(set) var position = Header.size
  /// How many octets records may fill, and how many the whole message.
  private let limit: Int
  private let wholeLimit: Int
  private let questionEnd: Int
  /// Where the OPT's RDLENGTH stands; 0 while there is no OPT.
  private var optDataLength = 0
  private var counts = InlineArray<3, UInt16>(repeating: 0)

  /// Starts a response of at most `limit` octets, of which `reserved` are kept for the OPT, by echoing the question.
  ///
  /// The buffer must hold a question and an OPT at the least: 512 octets do.
  public init(
    echoing query: borrowing Query, of message: borrowing Span<UInt8>, limit: Int, reserved: Int,
    in buffer: inout MutableSpan<UInt8>
  ) {
    questionEnd = query.questionEnd
    wholeLimit = min(limit, buffer.count)
    self.limit = wholeLimit - reserved
    position = questionEnd
    buffer.copy(message, from: Header.size, count: questionEnd - Header.size, to: Header.size)
  }

  /// Takes all records back, as a truncated response wants it: question and OPT remain.
  public mutating func removeRecords() {
    position = questionEnd
    counts = [0, 0, 0]
  }

  /// Adds one record whose owner name stands at `owner` in the message; false if it does not fit.
  ///
  /// `source` holds the record from its TYPE on: type 2, class 2, TTL 4, RDLENGTH 2, RDATA. `ttl`, in seconds,
  /// takes the place of the one in `source`.
  public mutating func append(
    _ source: borrowing Span<UInt8>, from start: Int, count: Int, owner: Int, ttl: UInt32? = nil,
    section: Section, in buffer: inout MutableSpan<UInt8>
  ) -> Bool {
    guard count + 2 <= limit - position, owner < Self.pointerLimit else { return false }
    buffer.setUInt16(0xC000 | UInt16(owner), at: position)
    buffer.copy(source, from: start, count: count, to: position + 2)
    if let ttl {
      buffer.setUInt16(UInt16(truncatingIfNeeded: ttl >> 16), at: position + 6)
      buffer.setUInt16(UInt16(truncatingIfNeeded: ttl), at: position + 8)
    }
    position += count + 2
    counts[section.rawValue] &+= 1
    return true
  }

  /// Adds the CNAME that a DNAME stands for (RFC 6672 §3.1); false if it does not fit.
  ///
  /// Its owner stands at `owner` of the message; its target is the first `prefix` octets of that name, then the name
  /// that `count` octets of `source` hold. `ttl` is in seconds. No name may come out longer than 255 octets.
  public mutating func appendSynthesizedCNAME(
    owner: Int, prefix: Int, target source: borrowing Span<UInt8>, from start: Int, count: Int, ttl: UInt32,
    in buffer: inout MutableSpan<UInt8>
  ) -> Bool {
    let length = prefix + count
    guard length <= DomainName.maximumLength, length + 12 <= limit - position, owner < Self.pointerLimit else {
      return false
    }
    buffer.setUInt16(0xC000 | UInt16(owner), at: position)
    buffer.setUInt16(RecordType.cname.rawValue, at: position + 2)
    buffer.setUInt16(RecordClass.internet.rawValue, at: position + 4)
    buffer.setUInt16(UInt16(truncatingIfNeeded: ttl >> 16), at: position + 6)
    buffer.setUInt16(UInt16(truncatingIfNeeded: ttl), at: position + 8)
    buffer.setUInt16(UInt16(length), at: position + 10)
    for index in 0..<prefix { buffer[position + 12 + index] = buffer[owner + index] }
    buffer.copy(source, from: start, count: count, to: position + 12 + prefix)
    position += length + 12
    counts[Section.answer.rawValue] &+= 1
    return true
  }

  /// Whether `count` records of `length` octets without their owners fit.
  public func hasRoom(forRecords count: Int, length: Int) -> Bool {
    length + 2 * count <= limit - position
  }

  /// Adds the OPT that a query with EDNS is answered with: root owner, our payload size, extended rcode, version 0,
  /// DO as asked (RFC 6891 §6.1).
  ///
  /// Its options follow by `appendOption`; all of it must fit what was reserved.
  public mutating func appendOPT(_ edns: Query.EDNS, rcode: ResponseCode, in buffer: inout MutableSpan<UInt8>) {
    guard position + Self.emptyOPTSize <= buffer.count else { return }
    buffer[position] = 0
    buffer.setUInt16(RecordType.opt.rawValue, at: position + 1)
    buffer.setUInt16(UInt16(Self.maximumUDPSize), at: position + 3)
    buffer[position + 5] = UInt8(truncatingIfNeeded: rcode.rawValue >> 4)
    buffer[position + 6] = 0
    buffer.setUInt16(edns.dnssecOK ? 0x8000 : 0, at: position + 7)
    buffer.setUInt16(0, at: position + 9)
    optDataLength = position + 9
    position += Self.emptyOPTSize
    counts[Section.additional.rawValue] &+= 1
  }

  /// Adds an option to the OPT if it fits; `source` holds its code, its length and its data.
  public mutating func appendOption(
    _ source: borrowing Span<UInt8>, from start: Int, count: Int, in buffer: inout MutableSpan<UInt8>
  ) {
    guard optDataLength > 0, position + count <= wholeLimit else { return }
    buffer.copy(source, from: start, count: count, to: position)
    position += count
    buffer.setUInt16(UInt16(position - optDataLength - 2), at: optDataLength)
  }

  /// Adds an option of a code and data if it fits.
  public mutating func appendOption(
    _ code: UInt16, _ data: borrowing Span<UInt8>, in buffer: inout MutableSpan<UInt8>
  ) {
    guard optDataLength > 0, position + 4 + data.count <= wholeLimit else { return }
    buffer.setUInt16(code, at: position)
    buffer.setUInt16(UInt16(truncatingIfNeeded: data.count), at: position + 2)
    buffer.copy(data, from: 0, count: data.count, to: position + 4)
    position += 4 + data.count
    buffer.setUInt16(UInt16(position - optDataLength - 2), at: optDataLength)
  }

  /// Adds the Client Subnet option of a query, with its scope set to `scope` bits (RFC 7871 §7.2.1).
  ///
  /// The option stands at `start` of the query, code and length included, and has `count` octets.
  public mutating func appendClientSubnet(
    of query: borrowing Span<UInt8>, from start: Int, count: Int, scope: UInt8, in buffer: inout MutableSpan<UInt8>
  ) {
    let option = position
    appendOption(query, from: start, count: count, in: &buffer)
    // Past code, length, family and source prefix length.
    if position > option { buffer[option + 7] = scope }
  }

  /// Ends the response by writing its header; returns the message's size in octets.
  public mutating func finish(
    _ query: borrowing Query, rcode: ResponseCode, flags: Header.Flags, in buffer: inout MutableSpan<UInt8>
  ) -> Int {
    let echoed = query.flags.intersection([.opcode, .recursionDesired])
    buffer.setUInt16(query.id, at: 0)
    buffer.setUInt16(echoed.union(flags).union(.response).rawValue | rcode.rawValue & 0xF, at: 2)
    buffer.setUInt16(query.hasQuestion ? 1 : 0, at: 4)
    for section in 0..<3 { buffer.setUInt16(counts[section], at: 6 + 2 * section) }
    return position
  }

  /// The octets to keep back for the OPT of a query, given its options' size.
  public static func reservation(for query: borrowing Query, options: Int) -> Int {
    query.edns == nil ? 0 : emptyOPTSize + options
  }
}

extension MutableSpan<UInt8> {
  /// Writes a number into the two octets at `position`, first octet high.
  @inlinable
  mutating func setUInt16(_ value: UInt16, at position: Int) {
    self[position] = UInt8(truncatingIfNeeded: value >> 8)
    self[position + 1] = UInt8(truncatingIfNeeded: value)
  }

  /// Copies `count` octets of `source`; both ranges must be within bounds.
  @inlinable
  mutating func copy(_ source: borrowing Span<UInt8>, from start: Int, count: Int, to position: Int) {
    let source = source.extracting(start..<(start + count))
    precondition(position >= 0 && count <= self.count - position)
    // One move: a loop would check both bounds for each octet.
    unsafe withUnsafeMutableBytes { target in
      unsafe source.withUnsafeBytes { source in
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[position..<(position + count)]).copyMemory(from: source)
      }
    }
  }
}
