import DNSWire

/// A TXT record made in place: one character-string per `key=value`, without allocation.
///
/// Layout: TYPE 2, CLASS 2, TTL 4 (zero), RDLENGTH 2, then strings, each a length octet and that many octets. What
/// would go past a string's 255 octets, or past the record's room, is cut off.
struct TextRecord: ~Copyable, OctetSink {
  static let capacity = 2048

  private(set) var octets = InlineArray<2048, UInt8>(repeating: 0)
  /// How many octets the record has so far.
  private(set) var count = RecordEncoder.headerSize
  /// Where the length octet of the string being written stands.
  private var stringStart = 0

  init() {
    octets[1] = UInt8(RecordType.txt.rawValue)
    octets[3] = UInt8(RecordClass.internet.rawValue)
  }

  /// Starts a string with `key=`.
  mutating func begin(_ key: StaticString) {
    guard count < Self.capacity else { return }
    stringStart = count
    grow(by: 0)
    append(key)
    append(octet: 0x3D)
  }

  mutating func append(octet: UInt8) {
    guard count < Self.capacity, octets[stringStart] < 255 else { return }
    grow(by: octet)
    octets[stringStart] += 1
  }

  /// Adds an octet to the RDATA, whose length the record tells.
  private mutating func grow(by octet: UInt8) {
    octets[count] = octet
    count += 1
    let length = count - RecordEncoder.headerSize
    octets[8] = UInt8(truncatingIfNeeded: length >> 8)
    octets[9] = UInt8(truncatingIfNeeded: length)
  }

  /// Adds a whole string.
  mutating func add(_ key: StaticString, _ text: String) {
    begin(key)
    append(text)
  }

  /// Adds a whole string.
  mutating func add(_ key: StaticString, _ text: StaticString) {
    begin(key)
    append(text)
  }
}
