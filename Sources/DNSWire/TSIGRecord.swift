/// A transaction signature: the last record of a signed message (RFC 8945 §4.2).
///
/// Layout: owner (the key's name), TYPE TSIG, CLASS ANY, TTL 0, RDLENGTH, then algorithm name, time signed 6, fudge 2,
/// MAC size 2, MAC, original ID 2, error 2, other length 2, other data.
public struct TSIGRecord: Sendable {
  /// How far two clocks may be apart, in seconds (RFC 8945 §10).
  public static let recommendedFudge: UInt16 = 300

  /// The key's name.
  public var keyName: DomainName
  /// The algorithm's name.
  public var algorithm: DomainName
  /// When it was signed, in seconds since 1970; 48 bits.
  public var timeSigned: UInt64
  /// How far from that time the receiver's clock may be, in seconds.
  public var fudge: UInt16
  /// The message authentication code; empty in some errors.
  public var mac: [UInt8]
  /// The ID that the message had when it was signed.
  public var originalID: UInt16
  /// The error; 0 is none.
  public var error: UInt16
  /// The server's time, in an error of time.
  public var otherData: [UInt8]

  /// A signature of its parts.
  public init(
    keyName: DomainName, algorithm: DomainName, timeSigned: UInt64, fudge: UInt16 = Self.recommendedFudge,
    mac: [UInt8] = [], originalID: UInt16, error: UInt16 = 0, otherData: [UInt8] = []
  ) {
    self.keyName = keyName
    self.algorithm = algorithm
    self.timeSigned = timeSigned
    self.fudge = fudge
    self.mac = mac
    self.originalID = originalID
    self.error = error
    self.otherData = otherData
  }

  /// Reads the record at `position`, which must end the message; nil if it is no TSIG, or malformed.
  public init?(_ message: borrowing Span<UInt8>, at position: Int) {
    guard let (keyName, fields) = message.name(at: position), fields + 10 <= message.count,
      RecordType(rawValue: message.uint16(at: fields)) == .tsig,
      RecordClass(rawValue: message.uint16(at: fields + 2)) == .any,
      message.uint16(at: fields + 4) == 0, message.uint16(at: fields + 6) == 0,
      fields + 10 + Int(message.uint16(at: fields + 8)) == message.count,
      let (algorithm, start) = message.name(at: fields + 10), start + 10 <= message.count
    else { return nil }
    let macEnd = start + 10 + Int(message.uint16(at: start + 8))
    guard macEnd + 6 <= message.count, macEnd + 6 + Int(message.uint16(at: macEnd + 4)) == message.count else {
      return nil
    }
    self.keyName = keyName
    self.algorithm = algorithm
    timeSigned = (0..<6).reduce(0) { $0 << 8 | UInt64(message[start + $1]) }
    fudge = message.uint16(at: start + 6)
    mac = message.octets(in: (start + 10)..<macEnd)
    originalID = message.uint16(at: macEnd)
    error = message.uint16(at: macEnd + 2)
    otherData = message.octets(in: (macEnd + 6)..<message.count)
  }

  /// Where the record starts that ends a message and is a TSIG; nil if there is none, or the message is malformed.
  public static func position(in message: borrowing Span<UInt8>) -> Int? {
    guard message.count >= Header.size else { return nil }
    var position = Header.size
    for _ in 0..<message.uint16(at: 4) {
      guard let end = message.skipName(at: position), end + 4 <= message.count else { return nil }
      position = end + 4
    }
    var last: Int?
    for offset in [6, 8, 10] {
      for _ in 0..<message.uint16(at: offset) {
        guard let fields = message.skipName(at: position), fields + 10 <= message.count else { return nil }
        let end = fields + 10 + Int(message.uint16(at: fields + 8))
        guard end <= message.count else { return nil }
        last = RecordType(rawValue: message.uint16(at: fields)) == .tsig ? position : nil
        position = end
      }
    }
    return position == message.count ? last : nil
  }

  /// The record in wire format; its names are not compressed.
  public var octets: [UInt8] {
    let data =
      algorithm.wire + timers + Self.octets(UInt16(mac.count)) + mac + Self.octets(originalID) + Self.octets(error)
      + Self.octets(UInt16(otherData.count)) + otherData
    return keyName.wire + Self.octets(RecordType.tsig.rawValue) + Self.octets(RecordClass.any.rawValue) + [
      0, 0, 0, 0,
    ]
      + Self.octets(UInt16(data.count)) + data
  }

  /// What of the record is signed with the message (RFC 8945 §4.3.3).
  public var variables: [UInt8] {
    keyName.wire + Self.octets(RecordClass.any.rawValue) + [0, 0, 0, 0] + algorithm.wire + timers + Self.octets(error)
      + Self.octets(UInt16(otherData.count)) + otherData
  }

  /// What of the record is signed with a message that is not the first of several (RFC 8945 §5.3.1): time and fudge.
  public var timers: [UInt8] { Self.time(timeSigned) + Self.octets(fudge) }

  /// A time of 48 bits, as it stands in the record.
  public static func time(_ seconds: UInt64) -> [UInt8] {
    (0..<6).map { UInt8(truncatingIfNeeded: seconds >> UInt64(40 - 8 * $0)) }
  }

  private static func octets(_ number: UInt16) -> [UInt8] {
    [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
  }
}

extension Span<UInt8> {
  /// The octets in a range, which must be within bounds.
  func octets(in range: Range<Int>) -> [UInt8] {
    range.map { self[$0] }
  }

  /// The name at `position`, its pointers followed, and where it ends there; nil if it is malformed.
  ///
  /// Each pointer must lead to before whatever was read of the name so far, so there is no loop.
  func name(at position: Int) -> (name: DomainName, end: Int)? {
    var wire: [UInt8] = []
    var position = position
    var earliest = position
    var end: Int?
    while position < count {
      let size = Int(self[position])
      if size >= 0xC0 {
        guard position + 2 <= count else { return nil }
        let target = (size & 0x3F) << 8 | Int(self[position + 1])
        guard target < earliest else { return nil }
        end = end ?? position + 2
        earliest = target
        position = target
        continue
      }
      let next = position + 1 + size
      guard size <= DomainName.maximumLabelLength, next <= count, wire.count + 1 + size <= DomainName.maximumLength
      else { return nil }
      wire += octets(in: position..<next)
      position = next
      guard size == 0 else { continue }
      guard let name = try? DomainName(wire: wire) else { return nil }
      return (name, end ?? position)
    }
    return nil
  }
}
