/// APL: lists of address prefixes (RFC 3123).
///
/// Text: any number of `[!]FAMILY:ADDRESS/PREFIX`, family 1 for IPv4 and 2 for IPv6. Octets of each: family 2,
/// prefix 1, negation in the first bit and length in the others 1, then the address without zero octets at its end.
enum AddressPrefixesForm: RecordForm {
  static func octets(_ words: inout DataWords) throws(EntryFault) -> [UInt8] {
    var octets: [UInt8] = []
    while !words.isAtEnd { octets += try item(try words.next("a prefix")) }
    return octets
  }

  static func isValid(_ octets: [UInt8]) -> Bool {
    var data = OctetReader(octets)
    while !data.rest.isEmpty {
      guard let family = data.number16(), let prefix = data.octet(), let length = data.octet(),
        let address = data.take(Int(length & 0x7F)), address.last != 0
      else { return false }
      switch family {
      case 1: guard prefix <= 32, address.count <= 4 else { return false }
      case 2: guard prefix <= 128, address.count <= 16 else { return false }
      default: break
      }
    }
    return true
  }

  private static func item(_ token: Token) throws(EntryFault) -> [UInt8] {
    let fault = EntryFault("\"\(excerpt(token.text))\" is not a prefix such as 1:192.0.2.0/24 or !2:fd00::/8")
    let isNegated = token.text.first == UInt8(ascii: "!")
    let text = isNegated ? token.text.dropFirst() : token.text
    let isIPv4 = text.first == UInt8(ascii: "1")
    guard isIPv4 || text.first == UInt8(ascii: "2"), text.dropFirst().first == UInt8(ascii: ":"),
      let slash = text.firstIndex(of: UInt8(ascii: "/")),
      let prefix = Token(text: text[(slash + 1)...], isQuoted: false).number(upTo: isIPv4 ? 32 : 128)
    else { throw fault }
    var address = try Token(text: text[..<slash].dropFirst(2), isQuoted: false).address(isIPv4: isIPv4)
    while address.last == 0 { address.removeLast() }
    return [0, isIPv4 ? 1 : 2, UInt8(prefix), UInt8(address.count) | (isNegated ? 0x80 : 0)] + address
  }
}
