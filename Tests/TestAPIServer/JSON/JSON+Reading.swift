/// Why a text is no JSON.
public struct JSONError: Error, Equatable {
  /// The octet at which it is not.
  public let offset: Int
}

extension JSON {
  /// Reads a text.
  public init(_ text: String) throws(JSONError) { try self.init(octets: Array(text.utf8)) }

  /// Reads a text as it came.
  public init(octets: [UInt8]) throws(JSONError) {
    var reader = JSONReader(octets: octets)
    self = try reader.document()
  }
}

/// Reads a JSON text from its beginning.
private struct JSONReader {
  /// Deeper than any object of the API.
  private static let maximumDepth = 64

  private let octets: [UInt8]
  private var offset = 0

  init(octets: [UInt8]) { self.octets = octets }

  mutating func document() throws(JSONError) -> JSON {
    let value = try value(depth: 0)
    skipSpace()
    guard offset == octets.count else { throw JSONError(offset: offset) }
    return value
  }

  private var next: UInt8? { offset < octets.count ? octets[offset] : nil }

  private mutating func skipSpace() {
    while let octet = next, [0x20, 0x09, 0x0A, 0x0D].contains(octet) { offset += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard next == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(JSONError) {
    guard take(character) else { throw JSONError(offset: offset) }
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSON {
    guard depth < Self.maximumDepth else { throw JSONError(offset: offset) }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return .object(try members(depth: depth))
    case UInt8(ascii: "["): return .array(try elements(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    default: return try word()
    }
  }

  private mutating func members(depth: Int) throws(JSONError) -> [JSON.Member] {
    var members: [JSON.Member] = []
    try expect("{")
    if take("}") { return members }
    repeat {
      skipSpace()
      let name = try string()
      try expect(":")
      members.append(JSON.Member(name, try value(depth: depth + 1)))
    } while take(",")
    try expect("}")
    return members
  }

  private mutating func elements(depth: Int) throws(JSONError) -> [JSON] {
    var elements: [JSON] = []
    try expect("[")
    if take("]") { return elements }
    repeat { elements.append(try value(depth: depth + 1)) } while take(",")
    try expect("]")
    return elements
  }

  private mutating func word() throws(JSONError) -> JSON {
    let start = offset
    while let octet = next, !" \t\r\n,:]}".utf8.contains(octet) { offset += 1 }
    switch String(decoding: octets[start..<offset], as: UTF8.self) {
    case "null": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    case let text where Double(text) != nil: return .number(text)
    default: throw JSONError(offset: start)
    }
  }

  private mutating func string() throws(JSONError) -> String {
    try expect("\"")
    var text: [UInt8] = []
    while let octet = next {
      offset += 1
      switch octet {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += try escaped()
      default: text.append(octet)
      }
    }
    throw JSONError(offset: offset)
  }

  private mutating func escaped() throws(JSONError) -> [UInt8] {
    guard let octet = next else { throw JSONError(offset: offset) }
    offset += 1
    switch octet {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [octet]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return Array(String(decoding: try codeUnits(), as: UTF16.self).utf8)
    default: throw JSONError(offset: offset)
    }
  }

  /// The four digits of `\u`, and those of the second half of a pair.
  private mutating func codeUnits() throws(JSONError) -> [UInt16] {
    let first = try codeUnit()
    guard UTF16.isLeadSurrogate(first), octets[offset...].starts(with: "\\u".utf8) else { return [first] }
    offset += 2
    return [first, try codeUnit()]
  }

  private mutating func codeUnit() throws(JSONError) -> UInt16 {
    let digits = octets[offset...].prefix(4)
    guard digits.count == 4, let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16) else {
      throw JSONError(offset: offset)
    }
    offset += 4
    return unit
  }
}
