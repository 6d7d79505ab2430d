/// ATMA: an address of an ATM system (ATM Forum AF-SAA-0069 §5.2).
///
/// Text: hexadecimal digits of an end system address, between which dots may stand, or `+` and the digits of an
/// E.164 number. Octets: format 1 (0 for an end system address, 1 for E.164), then the address, or the digits in
/// ASCII.
///
/// libldns prints the octets as they are, format included; BIND and the specification do not.
enum ATMAddressForm: RecordForm {
  static func octets(_ words: inout DataWords) throws(EntryFault) -> [UInt8] {
    let token = try words.next("an address")
    let address = token.text.filter { $0 != UInt8(ascii: ".") }
    if address.first == UInt8(ascii: "+"), isNumber(address.dropFirst()) { return [1] + address.dropFirst() }
    if let octets = hexadecimal(address), !octets.isEmpty { return [0] + octets }
    throw EntryFault("\"\(excerpt(token.text))\" is neither hexadecimal octets nor + and decimal digits")
  }

  static func isValid(_ octets: [UInt8]) -> Bool {
    switch octets.first {
    case 0: octets.count > 1
    case 1: isNumber(octets.dropFirst())
    default: false
    }
  }

  private static func isNumber(_ digits: ArraySlice<UInt8>) -> Bool {
    !digits.isEmpty && digits.allSatisfy(\.isASCIIDigit)
  }
}
