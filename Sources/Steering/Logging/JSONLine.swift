/// One JSON object as a line of a log, written member by member.
///
/// Every line is ASCII without control characters: whatever text goes into it, it stays one line, and one object.
public struct JSONLine: OctetSink {
  /// What was written so far, after what the line was begun behind.
  var octets: [UInt8]

  /// A line that is begun behind `octets`.
  public init(after octets: consuming [UInt8] = []) {
    self.octets = octets
    append(octet: 0x7B)
  }

  mutating func append(octet: UInt8) {
    octets.append(octet)
  }

  /// Starts a member; what follows is its value.
  mutating func begin(_ key: StaticString) {
    if octets.last != 0x7B { append(octet: 0x2C) }
    append(octet: 0x22)
    append(key)
    append("\":")
  }

  /// Adds a member whose value is a string of octets that stand for themselves in JSON.
  mutating func add(_ key: StaticString, _ write: (inout JSONLine) -> Void) {
    begin(key)
    append(octet: 0x22)
    write(&self)
    append(octet: 0x22)
  }

  /// Adds a member whose value is any text at all.
  public mutating func add(_ key: StaticString, text: String) {
    begin(key)
    append(octet: 0x22)
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x22, 0x5C:
        append(octet: 0x5C)
        append(octet: UInt8(truncatingIfNeeded: scalar.value))
      case 0x20...0x7E: append(octet: UInt8(truncatingIfNeeded: scalar.value))
      default:
        for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter { append(escaped: unit) }
      }
    }
    append(octet: 0x22)
  }

  /// Adds a member whose value is a number.
  public mutating func add(_ key: StaticString, number: some BinaryInteger) {
    begin(key)
    append(number)
  }

  /// Adds a member whose value is true or false.
  public mutating func add(_ key: StaticString, flag: Bool) {
    begin(key)
    append(flag ? "true" : "false")
  }

  /// Adds a member whose value is an object of its own, to which `write` adds members.
  public mutating func addObject(_ key: StaticString, _ write: (inout JSONLine) -> Void) {
    begin(key)
    append(octet: 0x7B)
    write(&self)
    append(octet: 0x7D)
  }

  /// Ends the line, and returns it behind what it was begun behind.
  public consuming func finish() -> [UInt8] {
    append("}\n")
    return octets
  }

  /// Adds a UTF-16 unit as `\u` and four hexadecimal digits (RFC 8259 §7).
  private mutating func append(escaped unit: UInt16) {
    append("\\u")
    for shift in stride(from: 12, through: 0, by: -4) {
      let digit = UInt8(truncatingIfNeeded: unit >> UInt16(shift) & 0xF)
      append(octet: digit < 10 ? 0x30 + digit : 0x57 + digit)
    }
  }
}
