/// A word of an entry: a run of characters, or a quoted string.
struct Token {
  /// The characters as written, escapes kept, the quotation marks of a quoted string left out.
  var text: ArraySlice<UInt8>
  /// Whether the word was written in quotation marks.
  var isQuoted: Bool

  /// The word for messages and for look-ups of ASCII keywords.
  var string: String { String(decoding: text, as: UTF8.self) }

  /// The number of a word of decimal digits alone; nil for any other word and for numbers past `maximum`.
  func number(upTo maximum: UInt64) -> UInt64? {
    guard !isQuoted, !text.isEmpty, text.count <= 20, text.allSatisfy(\.isASCIIDigit),
      let number = UInt64(string), number <= maximum
    else { return nil }
    return number
  }

  /// The octets of a character-string with its escapes resolved (RFC 1035 §5.1).
  func characterString() throws(EntryFault) -> [UInt8] {
    var octets: [UInt8] = []
    octets.reserveCapacity(text.count)
    var index = text.startIndex
    while index < text.endIndex {
      let octet = text[index]
      index += 1
      guard octet == UInt8(ascii: "\\") else {
        if octet == UInt8(ascii: "\"") {
          throw EntryFault("a quotation mark stands inside a word; write it as \\\"")
        }
        octets.append(octet)
        continue
      }
      guard index < text.endIndex else { throw EntryFault("a backslash escapes nothing") }
      guard text[index].isASCIIDigit else {
        octets.append(text[index])
        index += 1
        continue
      }
      let digits = text[index...].prefix(3)
      guard digits.count == 3, digits.allSatisfy(\.isASCIIDigit),
        let value = UInt8(exactly: digits.reduce(0) { $0 * 10 + Int($1 - 0x30) })
      else { throw EntryFault("a backslash escape is not \\DDD (000–255) or \\X") }
      octets.append(value)
      index += 3
    }
    return octets
  }

  /// The seconds of a time such as `3600`, `1h` or `1h30m`, at most `maximum`.
  func seconds(upTo maximum: UInt64) throws(EntryFault) -> UInt32 {
    let fault = EntryFault("\"\(excerpt(text))\" is not a time in seconds or such as 1h30m, up to \(maximum)")
    if let plain = number(upTo: maximum) { return UInt32(truncatingIfNeeded: plain) }
    guard !isQuoted, text.count <= 40, text.last?.isASCIIDigit == false else { throw fault }
    var total: UInt64 = 0
    var amount: UInt64?
    for octet in text {
      if octet.isASCIIDigit {
        // Not past 2^32 · 10, so that nothing below overflows.
        guard amount ?? 0 <= 0xFFFF_FFFF else { throw fault }
        amount = (amount ?? 0) * 10 + UInt64(octet - 0x30)
        continue
      }
      guard let unit = Self.units[octet.asciiLowercased], let count = amount else { throw fault }
      total += count * unit
      amount = nil
      guard total <= maximum else { throw fault }
    }
    return UInt32(truncatingIfNeeded: total)
  }

  private static let units: [UInt8: UInt64] = [
    UInt8(ascii: "s"): 1, UInt8(ascii: "m"): 60, UInt8(ascii: "h"): 3_600, UInt8(ascii: "d"): 86_400,
    UInt8(ascii: "w"): 604_800,
  ]
}

/// At most 60 characters of file content, fit for a message: what is not printable ASCII becomes `?`.
func excerpt(_ octets: some Collection<UInt8>) -> String {
  let shown = octets.prefix(60).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: $0 == 0x09 ? " " : "?") }
  return String(decoding: shown, as: UTF8.self) + (octets.count > 60 ? "…" : "")
}
