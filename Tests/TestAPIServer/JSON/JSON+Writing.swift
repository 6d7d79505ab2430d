extension JSON {
  /// The text, as short as can be: what the API server sends to programs.
  public var compact: [UInt8] {
    var text: [UInt8] = []
    write(to: &text, indent: nil)
    return text
  }

  /// The text with a member a line: what the API server sends to curl.
  public var pretty: [UInt8] {
    var text: [UInt8] = []
    write(to: &text, indent: 0)
    return text
  }

  private func write(to text: inout [UInt8], indent: Int?) {
    switch self {
    case .null: text += "null".utf8
    case .bool(let flag): text += (flag ? "true" : "false").utf8
    case .number(let number): text += number.utf8
    case .string(let string): Self.write(string, to: &text)
    case .array(let elements):
      Self.write(elements, between: ("[", "]"), to: &text, indent: indent) { element, text, indent in
        element.write(to: &text, indent: indent)
      }
    case .object(let members):
      Self.write(members, between: ("{", "}"), to: &text, indent: indent) { member, text, indent in
        Self.write(member.name, to: &text)
        text += (indent == nil ? ":" : ": ").utf8
        member.value.write(to: &text, indent: indent)
      }
    }
  }

  private static func write<Element>(
    _ elements: [Element], between marks: (String, String), to text: inout [UInt8], indent: Int?,
    _ body: (Element, inout [UInt8], Int?) -> Void
  ) {
    text += marks.0.utf8
    for (index, element) in elements.enumerated() {
      if index > 0 { text.append(UInt8(ascii: ",")) }
      if let indent { newLine(indent + 1, in: &text) }
      body(element, &text, indent.map { $0 + 1 })
    }
    if let indent, !elements.isEmpty { newLine(indent, in: &text) }
    text += marks.1.utf8
  }

  private static func newLine(_ indent: Int, in text: inout [UInt8]) {
    text.append(UInt8(ascii: "\n"))
    text += repeatElement(UInt8(ascii: " "), count: 2 * indent)
  }

  private static func write(_ string: String, to text: inout [UInt8]) {
    text.append(UInt8(ascii: "\""))
    for octet in string.utf8 {
      switch octet {
      case UInt8(ascii: "\""): text += "\\\"".utf8
      case UInt8(ascii: "\\"): text += "\\\\".utf8
      case 0x0A: text += "\\n".utf8
      case 0x0D: text += "\\r".utf8
      case 0x09: text += "\\t".utf8
      case 0..<0x10: text += "\\u000\(String(octet, radix: 16))".utf8
      case 0x10..<0x20: text += "\\u00\(String(octet, radix: 16))".utf8
      default: text.append(octet)
      }
    }
    text.append(UInt8(ascii: "\""))
  }
}
