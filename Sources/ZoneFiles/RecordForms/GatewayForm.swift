/// The gateway of IPSECKEY (RFC 4025 §2.3, §2.5) and the relay of AMTRELAY (RFC 8777 §4.2.3, §4.2.4).
///
/// Type 0 is none, written `.` and of no octets; 1 an IPv4 address; 2 an IPv6 address; 3 a name.
enum GatewayForm {
  static func octets(_ type: UInt8, _ words: inout DataWords) throws(EntryFault) -> [UInt8] {
    switch type {
    case 1, 2: return try words.address("an address", isIPv4: type == 1)
    case 3: return try words.name("a name").wire
    default:
      let token = try words.next("a \".\"")
      guard token.text.elementsEqual([UInt8(ascii: ".")]) else {
        throw EntryFault("type 0 has no gateway; write \".\" rather than \"\(excerpt(token.text))\"")
      }
      return []
    }
  }

  static func isValid(_ type: UInt8, _ data: inout OctetReader) -> Bool {
    switch type {
    case 0: true
    case 1: data.take(4) != nil
    case 2: data.take(16) != nil
    case 3: data.name()
    default: false
    }
  }
}
