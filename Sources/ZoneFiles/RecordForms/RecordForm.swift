import DNSWire

/// How the data of a type is written and checked where libldns cannot be relied on.
///
/// libldns 1.8.3 has no text form for some of these types; for others its conversion reduces numbers silently,
/// writes past its buffers, or asks the host which services there are.
protocol RecordForm {
  /// The RDATA that `words` stand for; what is left in `words` is superfluous.
  static func octets(_ words: inout DataWords) throws(EntryFault) -> [UInt8]

  /// Whether octets are RDATA of the type.
  static func isValid(_ octets: [UInt8]) -> Bool
}

extension RecordType {
  /// The form of the type that is Steer's own; nil where libldns's is used.
  var ownForm: (any RecordForm.Type)? {
    switch rawValue {
    case 11: ServicesForm.self
    case 22: NetworkServiceAddressForm.self
    case 23: NetworkServicePointerForm.self
    case 29: LocationForm.self
    case 30: NextNameForm.self
    case 34: ATMAddressForm.self
    case 38: IPv6ChainForm.self
    case 42: AddressPrefixesForm.self
    case 45: IPsecKeyForm.self
    case 55: HostIdentityForm.self
    case 260: MulticastRelayForm.self
    default: nil
    }
  }
}

/// The words of an entry's data, taken from the front.
struct DataWords {
  /// The type whose data it is.
  let type: RecordType
  /// What relative names are relative to.
  let origin: DomainName
  /// The words not yet taken.
  private(set) var rest: ArraySlice<Token>

  init(_ tokens: ArraySlice<Token>, of type: RecordType, origin: DomainName) {
    self.type = type
    self.origin = origin
    rest = tokens
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// Takes a word, which must not be quoted; `meaning` says in a message what it is.
  mutating func next(_ meaning: String) throws(EntryFault) -> Token {
    guard let token = rest.popFirst() else { throw EntryFault("\(type) lacks \(meaning)") }
    guard !token.isQuoted else { throw EntryFault("\(type) takes no quoted string here") }
    return token
  }

  /// Takes a decimal number.
  mutating func number<Number: FixedWidthInteger & UnsignedInteger>(
    _ meaning: String, upTo maximum: Number = .max
  ) throws(EntryFault) -> Number {
    let token = try next(meaning)
    guard let number = token.number(upTo: UInt64(maximum)) else {
      throw EntryFault("\(meaning) \"\(excerpt(token.text))\" is not a number from 0 to \(maximum)")
    }
    return Number(number)
  }

  /// Takes a name.
  mutating func name(_ meaning: String) throws(EntryFault) -> DomainName {
    try next(meaning).name(relativeTo: origin)
  }

  /// Takes an address of the one family or the other: 4 or 16 octets.
  mutating func address(_ meaning: String, isIPv4: Bool) throws(EntryFault) -> [UInt8] {
    try next(meaning).address(isIPv4: isIPv4)
  }

  /// Takes octets in Base64 that fill one word.
  mutating func base64Word(_ meaning: String) throws(EntryFault) -> [UInt8] {
    let token = try next(meaning)
    guard let octets = base64(token.text), !octets.isEmpty else {
      throw EntryFault("\(meaning) \"\(excerpt(token.text))\" is not Base64")
    }
    return octets
  }

  /// Takes all words, which are joined.
  mutating func joined(_ meaning: String) throws(EntryFault) -> [UInt8] {
    var text: [UInt8] = []
    repeat { text += try next(meaning).text } while !isAtEnd
    return text
  }
}

extension Token {
  /// The 4 or 16 octets of an address of the one family or the other.
  func address(isIPv4: Bool) throws(EntryFault) -> [UInt8] {
    // An IPv4-mapped address is IPv6 by its form, and `IPAddress` would make four octets of it.
    guard text.contains(UInt8(ascii: ":")) != isIPv4, let address = IPAddress(string) else {
      throw EntryFault("\"\(excerpt(text))\" is not an \(isIPv4 ? "IPv4" : "IPv6") address")
    }
    return isIPv4 ? address.octets : address.high.bigEndianOctets + address.low.bigEndianOctets
  }
}
