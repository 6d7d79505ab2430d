/// Octets read from the front, for checks of data in wire format.
struct OctetReader {
  private(set) var rest: ArraySlice<UInt8>

  init(_ octets: [UInt8]) {
    rest = octets[...]
  }

  /// Takes `count` octets; nil when there are fewer.
  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard rest.count >= count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  /// Takes one octet; nil at the end.
  mutating func octet() -> UInt8? { take(1)?.first }

  /// Takes a number of two octets in network order; nil when there are fewer.
  mutating func number16() -> Int? { take(2)?.reduce(0) { $0 << 8 | Int($1) } }

  /// Takes an uncompressed name; false when there is none (RFC 1035 §3.1).
  mutating func name() -> Bool {
    var length = 0
    while let octet = octet() {
      length += 1 + Int(octet)
      guard octet <= 63, length <= 255 else { return false }
      if octet == 0 { return true }
      guard take(Int(octet)) != nil else { return false }
    }
    return false
  }
}

extension FixedWidthInteger {
  /// The number's octets in network order.
  var bigEndianOctets: [UInt8] {
    stride(from: bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> $0) }
  }
}

/// The octets that hexadecimal digits stand for; nil unless they are pairs of digits alone.
func hexadecimal(_ text: some Collection<UInt8>) -> [UInt8]? {
  let digits = text.compactMap(\.hexadecimalDigit)
  guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// The octets that Base64 stands for, padded and with no bit to spare (RFC 4648 §4); nil for any other text.
func base64(_ text: some Collection<UInt8>) -> [UInt8]? {
  let padding = text.reversed().prefix(3).prefix { $0 == UInt8(ascii: "=") }.count
  let digits = text.dropLast(padding).compactMap(\.base64Digit)
  guard text.count.isMultiple(of: 4), padding <= 2, digits.count + padding == text.count else { return nil }
  var octets: [UInt8] = []
  octets.reserveCapacity(digits.count * 3 / 4)
  var bits: UInt32 = 0
  var count = 0
  for digit in digits {
    bits = (bits << 6 | UInt32(digit)) & 0xFFFF
    count += 6
    guard count >= 8 else { continue }
    count -= 8
    octets.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
  }
  // What the padding leaves over is zero, or two texts would stand for the same octets.
  guard bits & (1 << UInt32(count) - 1) == 0 else { return nil }
  return octets
}

extension UInt8 {
  fileprivate var hexadecimalDigit: UInt8? {
    switch self {
    case 0x30...0x39: self - 0x30
    case 0x41...0x46: self - 0x41 + 10
    case 0x61...0x66: self - 0x61 + 10
    default: nil
    }
  }

  fileprivate var base64Digit: UInt8? {
    switch self {
    case 0x41...0x5A: self - 0x41
    case 0x61...0x7A: self - 0x61 + 26
    case 0x30...0x39: self - 0x30 + 52
    case 0x2B: 62
    case 0x2F: 63
    default: nil
    }
  }
}
