/// Finds some members of a JSON object (RFC 8259), and proves that the rest of it is JSON too.
///
/// Whether text is Unicode is seen when it is decoded. A log has millions of lines: nothing is made of the members that are not wanted.
struct JSONMembers {
  /// The value of a member, by where it stands.
  enum Value: Equatable {
    case absent, null
    case flag(Bool)
    case number(Range<Int>)
    /// A string, without its quotes.
    case text(Range<Int>, hasEscapes: Bool)
    /// An object or an array.
    case composite(Range<Int>)
  }

  /// How deep objects and arrays may lie in each other.
  private static let depthLimit = 16

  private let names: [[UInt8]]
  private var octets: [UInt8] = []
  private var position = 0
  private var end = 0
  /// The values of the members that are wanted, in their order.
  private(set) var values: [Value]

  /// A finder of the members with these names, none of which has an escape in it.
  init(_ names: [String]) {
    self.names = names.map { Array($0.utf8) }
    values = Array(repeating: .absent, count: names.count)
  }

  /// Reads the object that fills a range of octets; false if that is none, or has a member that is wanted twice.
  mutating func read(_ octets: [UInt8], _ range: Range<Int>) -> Bool {
    self.octets = octets
    // Let go of, so that their owner can change them without a copy.
    defer { self.octets = [] }
    (position, end) = (range.lowerBound, range.upperBound)
    for index in values.indices { values[index] = .absent }
    skipSpace()
    guard take(0x7B), readMembers() else { return false }
    skipSpace()
    return position == end
  }

  /// Reads members up to the brace that ends their object.
  private mutating func readMembers() -> Bool {
    skipSpace()
    if take(0x7D) { return true }
    repeat {
      skipSpace()
      guard case .text(let key, _)? = string() else { return false }
      skipSpace()
      guard take(0x3A), let value = value(depth: 1) else { return false }
      if let index = names.firstIndex(where: { $0.count == key.count && octets[key].elementsEqual($0) }) {
        guard values[index] == .absent else { return false }
        values[index] = value
      }
      skipSpace()
    } while take(0x2C)
    return take(0x7D)
  }

  private mutating func value(depth: Int) -> Value? {
    skipSpace()
    guard position < end, depth < Self.depthLimit else { return nil }
    let start = position
    switch octets[position] {
    case 0x22: return string()
    case 0x7B: return skipComposite(until: 0x7D, depth: depth, hasKeys: true) ? .composite(start..<position) : nil
    case 0x5B: return skipComposite(until: 0x5D, depth: depth, hasKeys: false) ? .composite(start..<position) : nil
    case 0x74: return take("true") ? .flag(true) : nil
    case 0x66: return take("false") ? .flag(false) : nil
    case 0x6E: return take("null") ? .null : nil
    default: return number()
    }
  }

  private mutating func skipComposite(until close: UInt8, depth: Int, hasKeys: Bool) -> Bool {
    position += 1
    skipSpace()
    if take(close) { return true }
    repeat {
      if hasKeys {
        skipSpace()
        guard string() != nil else { return false }
        skipSpace()
        guard take(0x3A) else { return false }
      }
      guard value(depth: depth + 1) != nil else { return false }
      skipSpace()
    } while take(0x2C)
    return take(close)
  }

  private mutating func string() -> Value? {
    guard take(0x22) else { return nil }
    let start = position
    var hasEscapes = false
    while position < end {
      let octet = octets[position]
      if octet == 0x22 {
        defer { position += 1 }
        return .text(start..<position, hasEscapes: hasEscapes)
      }
      guard octet >= 0x20 else { return nil }
      if octet == 0x5C {
        hasEscapes = true
        position += 1
        guard skipEscape() else { return nil }
      } else {
        position += 1
      }
    }
    return nil
  }

  /// Skips what follows the backslash of an escape.
  private mutating func skipEscape() -> Bool {
    guard position < end else { return false }
    defer { position += 1 }
    switch octets[position] {
    case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return true
    case 0x75:
      guard position + 4 < end else { return false }
      let digits = octets[(position + 1)...(position + 4)]
      position += 4
      return digits.allSatisfy { JSONText.digit($0) != nil }
    default: return false
    }
  }

  private mutating func number() -> Value? {
    let start = position
    _ = take(0x2D)
    if !take(0x30) { guard skipDigits() else { return nil } }
    if take(0x2E) { guard skipDigits() else { return nil } }
    if take(0x65) || take(0x45) {
      if !take(0x2B) { _ = take(0x2D) }
      guard skipDigits() else { return nil }
    }
    return .number(start..<position)
  }

  private mutating func skipDigits() -> Bool {
    let start = position
    while position < end, (0x30...0x39).contains(octets[position]) { position += 1 }
    return position > start
  }

  private mutating func skipSpace() {
    while position < end, [0x20, 0x09, 0x0D, 0x0A].contains(octets[position]) { position += 1 }
  }

  private mutating func take(_ octet: UInt8) -> Bool {
    guard position < end, octets[position] == octet else { return false }
    position += 1
    return true
  }

  private mutating func take(_ word: String) -> Bool {
    guard octets[position..<end].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }
}

/// What stands between the quotes of a JSON string.
enum JSONText {
  /// The text of octets that were found to be a string; nil if it is not Unicode.
  static func decode(_ octets: ArraySlice<UInt8>, hasEscapes: Bool) -> String? {
    guard hasEscapes else { return String(validating: octets, as: UTF8.self) }
    var units: [UInt16] = []
    guard let text = String(validating: octets, as: UTF8.self) else { return nil }
    var source = text.utf16.makeIterator()
    while let unit = source.next() {
      guard unit == 0x5C, let letter = source.next() else {
        units.append(unit)
        continue
      }
      switch letter {
      case 0x62: units.append(0x08)
      case 0x66: units.append(0x0C)
      case 0x6E: units.append(0x0A)
      case 0x72: units.append(0x0D)
      case 0x74: units.append(0x09)
      case 0x75:
        var value: UInt16 = 0
        for _ in 0..<4 {
          guard let next = source.next(), let digit = digit(UInt8(truncatingIfNeeded: next)) else { return nil }
          value = value << 4 | digit
        }
        units.append(value)
      default: units.append(letter)
      }
    }
    return String(validating: units, as: UTF16.self)
  }

  /// The value of a hexadecimal digit; nil if it is none.
  static func digit(_ octet: UInt8) -> UInt16? {
    switch octet {
    case 0x30...0x39: UInt16(octet - 0x30)
    case 0x41...0x46: UInt16(octet - 0x37)
    case 0x61...0x66: UInt16(octet - 0x57)
    default: nil
    }
  }
}
