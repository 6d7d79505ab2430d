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

  /// Whether octets are parameters whose keys increase and whose values are of the form of their key
  /// (RFC 9460 §2.2, §7, §8; RFC 9461 §5; RFC 9540 §4).
  static func isValid(_ octets: [UInt8]) -> Bool {
    var data = OctetReader(octets)
    var previous = -1
    while !data.rest.isEmpty {
      guard let key = data.number16(), key > previous, let length = data.number16(), let value = data.take(length),
        isValue(Array(value), of: key)
      else { return false }
      previous = key
    }
    return true
  }

  /// The keys of valid parameters.
  static func keys(of octets: [UInt8]) -> Set<Int> { Set(parameters(of: octets).map(\.key)) }

  /// The keys that valid parameters call mandatory (RFC 9460 §8).
  static func mandatoryKeys(of octets: [UInt8]) -> [Int] {
    guard let list = parameters(of: octets).first(where: { $0.key == 0 })?.value else { return [] }
    return stride(from: 0, to: list.count - 1, by: 2).map { Int(list[$0]) << 8 | Int(list[$0 + 1]) }
  }

  private static func parameters(of octets: [UInt8]) -> [(key: Int, value: [UInt8])] {
    var data = OctetReader(octets)
    var parameters: [(key: Int, value: [UInt8])] = []
    while let key = data.number16(), let length = data.number16(), let value = data.take(length) {
      parameters.append((key, Array(value)))
    }
    return parameters
  }

  private static func isValue(_ octets: [UInt8], of key: Int) -> Bool {
    switch key {
    case 0: return isListOfKeys(octets)
    case 1: return isListOfStrings(octets)
    case 2, 8: return octets.isEmpty
    case 3: return octets.count == 2
    case 4: return !octets.isEmpty && octets.count.isMultiple(of: 4)
    case 5, 7: return !octets.isEmpty
    case 6: return !octets.isEmpty && octets.count.isMultiple(of: 16)
    default: return true
    }
  }

  /// Whether octets are increasing keys, without the key of that list itself.
  private static func isListOfKeys(_ octets: [UInt8]) -> Bool {
    var data = OctetReader(octets)
    var previous = 0
    while !data.rest.isEmpty {
      guard let key = data.number16(), key > previous else { return false }
      previous = key
    }
    return !octets.isEmpty
  }

  private static func isListOfStrings(_ octets: [UInt8]) -> Bool {
    var data = OctetReader(octets)
    while let length = data.octet() {
      guard length > 0, data.take(Int(length)) != nil else { return false }
    }
    return !octets.isEmpty
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
