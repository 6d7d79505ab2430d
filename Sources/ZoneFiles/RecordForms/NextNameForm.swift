import DNSWire

/// NXT: the next name of a zone and the types of this one (RFC 2535 §5.2), which NSEC replaced.
///
/// Text: `NAME TYPE…`. Octets: name, then a bit for each type from 0 to 127, without zero octets at the end.
enum NextNameForm: RecordForm {
  static func octets(_ words: inout DataWords) throws(EntryFault) -> [UInt8] {
    let name = try words.name("a name")
    var bits: [UInt8] = []
    repeat {
      let token = try words.next("a type")
      let number = try RecordType(masterFile: token).rawValue
      guard number < 128 else { throw EntryFault("\(excerpt(token.text)) does not fit NXT, which ends at TYPE127") }
      let octet = Int(number / 8)
      if bits.count <= octet { bits += [UInt8](repeating: 0, count: octet + 1 - bits.count) }
      bits[octet] |= 0x80 >> UInt8(number % 8)
    } while !words.isAtEnd
    return name.wire + bits
  }

  static func isValid(_ octets: [UInt8]) -> Bool {
    var data = OctetReader(octets)
    guard data.name(), let first = data.rest.first else { return false }
    // RFC 2535 §5.2: the first bit would say that the bits mean something else.
    return first & 0x80 == 0 && data.rest.count <= 16 && data.rest.last != 0
  }
}
