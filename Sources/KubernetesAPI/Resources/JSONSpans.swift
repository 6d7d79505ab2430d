/// Where the values of JSON are, without reading them: for objects that are kept as they came.
///
/// It is no parser: what it finds is read by one afterwards. It only must not be led astray by what is well-formed.
enum JSONSpans {
  /// The values of the object in `range`, by name as it is written.
  static func members(of octets: [UInt8], in range: Range<Int>) throws -> [String: Range<Int>] {
    var scanner = Scanner(octets: octets, index: range.lowerBound, end: min(range.upperBound, octets.count))
    var members: [String: Range<Int>] = [:]
    try scanner.take(UInt8(ascii: "{"))
    while !scanner.take(if: UInt8(ascii: "}")) {
      if !members.isEmpty { try scanner.take(UInt8(ascii: ",")) }
      let name = try scanner.value()
      try scanner.take(UInt8(ascii: ":"))
      members[String(decoding: octets[name].dropFirst().dropLast(), as: UTF8.self)] = try scanner.value()
    }
    return members
  }

  /// The values of the array in `range`.
  static func elements(of octets: [UInt8], in range: Range<Int>) throws -> [Range<Int>] {
    var scanner = Scanner(octets: octets, index: range.lowerBound, end: min(range.upperBound, octets.count))
    var elements: [Range<Int>] = []
    try scanner.take(UInt8(ascii: "["))
    while !scanner.take(if: UInt8(ascii: "]")) {
      if !elements.isEmpty { try scanner.take(UInt8(ascii: ",")) }
      elements.append(try scanner.value())
    }
    return elements
  }
}

private struct Scanner {
  let octets: [UInt8]
  var index: Int
  let end: Int

  /// The next octet that is no white space; it is not taken.
  private mutating func next() throws -> UInt8 {
    while index < end {
      switch octets[index] {
      case 0x20, 0x09, 0x0A, 0x0D: index += 1
      case let octet: return octet
      }
    }
    throw DecodingFault(description: "JSON that ends early")
  }

  mutating func take(if expected: UInt8) -> Bool {
    guard (try? next()) == expected else { return false }
    index += 1
    return true
  }

  mutating func take(_ expected: UInt8) throws {
    guard take(if: expected) else {
      throw DecodingFault(
        description: "JSON without the '\(Character(Unicode.Scalar(expected)))' expected at octet \(index)")
    }
  }

  /// Takes a value and says where it is.
  mutating func value() throws -> Range<Int> {
    let first = try next()
    let start = index
    switch first {
    case UInt8(ascii: "\""): try takeString()
    case UInt8(ascii: "{"), UInt8(ascii: "["): try takeNested()
    default:
      while index < end, !Self.endsWord(octets[index]) { index += 1 }
      guard index > start else { throw DecodingFault(description: "JSON without a value at octet \(start)") }
    }
    return start..<index
  }

  private mutating func takeNested() throws {
    var depth = 0
    while index < end {
      switch octets[index] {
      case UInt8(ascii: "\""):
        try takeString()
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
      index += 1
      if depth == 0 { return }
    }
    throw DecodingFault(description: "JSON that ends early")
  }

  private mutating func takeString() throws {
    index += 1
    while index < end {
      switch octets[index] {
      case UInt8(ascii: "\""):
        index += 1
        return
      case UInt8(ascii: "\\"): index += 2
      default: index += 1
      }
    }
    throw DecodingFault(description: "JSON that ends early")
  }

  private static func endsWord(_ octet: UInt8) -> Bool {
    switch octet {
    case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ":"): true
    default: false
    }
  }
}
