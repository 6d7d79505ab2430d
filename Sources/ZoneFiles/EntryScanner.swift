import DNSWire

/// An entry of a master file: a directive or a record, which parentheses may spread over lines.
struct Entry {
  /// The line on which the entry starts, counted from 1.
  var line: Int
  /// Whether the entry starts with blanks, which stand for the owner of the record before.
  var startsWithBlank: Bool
  /// The words, never none.
  var tokens: [Token]
}

/// Splits a master file into entries (RFC 1035 §5.1): quotes, escapes, parentheses and comments.
///
/// It is Steer's own because libldns's tokenizer loses the line on which an entry starts, and resumes in the
/// middle of a faulty entry. After a fault this one stands at the next line.
struct EntryScanner {
  private let octets: [UInt8]
  private let maximumEntrySize: Int
  private var index = 0
  private var line = 1

  /// The line of the entry last asked for.
  private(set) var entryLine = 1
  private var entryStart = 0

  init(_ octets: [UInt8], maximumEntrySize: Int) {
    self.octets = octets
    self.maximumEntrySize = maximumEntrySize
    // Editors put a byte order mark before UTF-8; it is no part of the first owner.
    if octets.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
  }

  /// The first line of the entry last asked for, for messages.
  var entryText: String {
    let text = octets[entryStart...].prefix { $0 != 0x0A }
    return excerpt(text.drop { $0 == 0x20 || $0 == 0x09 }.prefix { $0 != 0x0D })
  }

  /// The next entry, or nil at the end of the file.
  mutating func next() throws(EntryFault) -> Entry? {
    do {
      return try scan()
    } catch {
      skipLine()
      throw error
    }
  }

  private mutating func scan() throws(EntryFault) -> Entry? {
    var tokens: [Token] = []
    var depth = 0
    var size = 0
    beginLine()
    while index < octets.count {
      let octet = octets[index]
      switch octet {
      case 0x0A:
        index += 1
        line += 1
        if depth == 0 {
          if !tokens.isEmpty { return entry(tokens) }
          beginLine()
        }
      case 0x20, 0x09, 0x0D:
        index += 1
      case UInt8(ascii: ";"):
        skipToLineEnd()
      case UInt8(ascii: "("):
        index += 1
        depth += 1
      case UInt8(ascii: ")"):
        guard depth > 0 else { throw EntryFault("a parenthesis is closed that was not opened") }
        index += 1
        depth -= 1
      default:
        let token = octet == UInt8(ascii: "\"") ? try quotedString() : try word()
        size += token.text.count + 1
        guard size <= maximumEntrySize else {
          throw EntryFault("the entry is longer than \(maximumEntrySize) octets")
        }
        tokens.append(token)
      }
    }
    guard depth == 0 else { throw EntryFault("a parenthesis is never closed; add a \")\"") }
    return tokens.isEmpty ? nil : entry(tokens)
  }

  private func entry(_ tokens: [Token]) -> Entry {
    let first = octets[entryStart]
    return Entry(line: entryLine, startsWithBlank: first == 0x20 || first == 0x09, tokens: tokens)
  }

  private mutating func word() throws(EntryFault) -> Token {
    let start = index
    while index < octets.count {
      let octet = octets[index]
      switch octet {
      case 0x0A, 0x0D, 0x20, 0x09, UInt8(ascii: ";"), UInt8(ascii: "("), UInt8(ascii: ")"):
        return Token(text: octets[start..<index], isQuoted: false)
      case UInt8(ascii: "\""):
        // A SvcParam's value may be quoted behind its key (RFC 9460 §2.1); anywhere else it is a slip.
        guard index > start, octets[index - 1] == UInt8(ascii: "=") else {
          throw EntryFault("a quotation mark stands inside a word; write it as \\\"")
        }
        _ = try quotedString()
      case UInt8(ascii: "\\"):
        try escape()
      default:
        try requireText(octet, allowingUTF8: false)
        index += 1
      }
    }
    return Token(text: octets[start..<index], isQuoted: false)
  }

  /// The string whose opening mark stands at `index`; it must end on its line, or one slip would swallow the file.
  private mutating func quotedString() throws(EntryFault) -> Token {
    index += 1
    let start = index
    while index < octets.count, octets[index] != 0x0A {
      switch octets[index] {
      case UInt8(ascii: "\""):
        defer { index += 1 }
        return Token(text: octets[start..<index], isQuoted: true)
      case UInt8(ascii: "\\"):
        try escape()
      default:
        try requireText(octets[index], allowingUTF8: true)
        index += 1
      }
    }
    throw EntryFault("a quoted string is not closed on its line; add a quotation mark")
  }

  private mutating func escape() throws(EntryFault) {
    guard index + 1 < octets.count, octets[index + 1] != 0x0A, octets[index + 1] != 0x0D else {
      throw EntryFault("a backslash escapes nothing")
    }
    try requireText(octets[index + 1], allowingUTF8: false)
    index += 2
  }

  private func requireText(_ octet: UInt8, allowingUTF8: Bool) throws(EntryFault) {
    if octet < 0x20 && octet != 0x09 || octet == 0x7F {
      throw EntryFault("a control character (\(octet)) is not text; write it as \\DDD")
    }
    guard allowingUTF8 || octet < 0x80 else {
      throw EntryFault("a character is outside ASCII; write the label in punycode (xn--…), text in quotes")
    }
  }

  private mutating func beginLine() {
    entryStart = index
    entryLine = line
  }

  private mutating func skipToLineEnd() {
    while index < octets.count, octets[index] != 0x0A { index += 1 }
  }

  private mutating func skipLine() {
    skipToLineEnd()
    guard index < octets.count else { return }
    index += 1
    line += 1
  }
}
