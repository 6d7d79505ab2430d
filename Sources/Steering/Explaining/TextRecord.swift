import DNSWire

/// A TXT record made in place: one character-string per `key=value`, without allocation.
///
/// Layout: TYPE 2, CLASS 2, TTL 4 (zero), RDLENGTH 2, then strings, each a length octet and that many octets. What
/// would go past a string's 255 octets, or past the record's room, is cut off.
struct TextRecord: ~Copyable {
  static let capacity = 1024

  private(set) var octets = InlineArray<1024, UInt8>(repeating: 0)
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
    octets[count] = 0
    count += 1
    append(key)
    append(octet: 0x3D)
  }

  mutating func append(octet: UInt8) {
    guard count < Self.capacity, octets[stringStart] < 255 else { return }
    octets[count] = octet
    count += 1
    octets[stringStart] += 1
    let length = count - RecordEncoder.headerSize
    octets[8] = UInt8(truncatingIfNeeded: length >> 8)
    octets[9] = UInt8(truncatingIfNeeded: length)
  }

  mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { buffer in
      for index in buffer.indices { append(octet: unsafe buffer[index]) }
    }
  }

  mutating func append(_ text: String, prefix: Int = .max) {
    for octet in text.utf8.prefix(prefix) { append(octet: octet) }
  }

  mutating func append(_ number: some BinaryInteger) {
    var divisor: UInt64 = 10_000_000_000_000_000_000
    let magnitude = UInt64(clamping: number.magnitude)
    if number < 0 { append(octet: 0x2D) }
    while divisor > 1, magnitude / divisor == 0 { divisor /= 10 }
    while divisor > 0 {
      append(octet: 0x30 + UInt8(truncatingIfNeeded: magnitude / divisor % 10))
      divisor /= 10
    }
  }

  mutating func append(_ address: IPAddress) {
    address.withText { text in
      for index in text.indices { append(octet: text[index]) }
    }
  }

  /// Adds a name's labels and dots; octets that do not print as themselves become `?`.
  mutating func append(_ name: borrowing QuestionName) {
    for label in 0..<name.labelCount {
      let start = name.start(ofLabel: label)
      for index in 0..<Int(name[start]) {
        let octet = name[start + 1 + index]
        append(octet: (0x21...0x7E).contains(octet) ? octet : 0x3F)
      }
      append(octet: 0x2E)
    }
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
