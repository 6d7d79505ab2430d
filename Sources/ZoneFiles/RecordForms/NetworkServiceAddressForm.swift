/// NSAP: an address of OSI's network service (RFC 1706 §5).
///
/// Text: `0x` and hexadecimal digits, between which dots may stand. Octets: those of the address.
enum NetworkServiceAddressForm: RecordForm {
  static func octets(_ words: inout DataWords) throws(EntryFault) -> [UInt8] {
    let token = try words.next("an address")
    let prefix = String(decoding: token.text.prefix(2), as: UTF8.self).lowercased()
    guard prefix == "0x", let octets = hexadecimal(token.text.dropFirst(2).filter { $0 != UInt8(ascii: ".") }),
      isValid(octets)
    else { throw EntryFault("\"\(excerpt(token.text))\" is not 0x and hexadecimal octets") }
    return octets
  }

  static func isValid(_ octets: [UInt8]) -> Bool { !octets.isEmpty }
}
