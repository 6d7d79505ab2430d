internal import CLDNS

/// The parameters of SVCB and HTTPS records (RFC 9460 §2.1).
enum SvcParams {
  /// The parameters in wire format; libldns converts them after what it gets wrong has been refused.
  static func octets(_ tokens: [Token], text: [UInt8]) throws(EntryFault) -> [UInt8] {
    guard text.count <= 65_535 else { throw EntryFault("the parameters are longer than 65535 octets") }
    for token in tokens { try check(token) }
    let octets = try LDNSField(LDNS_RDF_TYPE_SVCPARAMS, text).octets
    try requireIncreasingKeys(octets)
    return octets
  }

  /// Refuses values on which libldns 1.8.3 fails: it writes one octet past its buffer for an IPv6 address of 46
  /// characters, and reduces a port modulo 65536.
  private static func check(_ token: Token) throws(EntryFault) {
    let key = token.text.prefix { $0 != UInt8(ascii: "=") }
    let name = String(decoding: key, as: UTF8.self).lowercased()
    let value = token.text[key.endIndex...].dropFirst().filter { $0 != UInt8(ascii: "\"") }
    switch name {
    case "ipv6hint":
      guard value.split(separator: UInt8(ascii: ",")).allSatisfy({ $0.count <= 45 }) else {
        throw EntryFault("\"\(excerpt(value))\" is not a list of IPv6 addresses")
      }
    case "port":
      guard let port = Token(text: value[...], isQuoted: false).number(upTo: 65_535), port > 0 else {
        throw EntryFault("\"\(excerpt(value))\" is not a port from 1 to 65535")
      }
    case _ where name.hasPrefix("key"):
      guard let number = UInt16(name.dropFirst(3)), number > 6, number < 65_535 else {
        throw EntryFault("write the parameter \"\(excerpt(key))\" by its name")
      }
    default: break
    }
  }

  /// A key may stand once only; libldns lets a second with another value through.
  private static func requireIncreasingKeys(_ octets: [UInt8]) throws(EntryFault) {
    var previous = -1
    var index = 0
    while index + 4 <= octets.count {
      let key = Int(octets[index]) << 8 | Int(octets[index + 1])
      guard key > previous else { throw EntryFault("a parameter stands twice") }
      previous = key
      index += 4 + Int(octets[index + 2]) << 8 + Int(octets[index + 3])
    }
    guard index == octets.count else { throw EntryFault("a parameter's value is too long") }
  }
}
