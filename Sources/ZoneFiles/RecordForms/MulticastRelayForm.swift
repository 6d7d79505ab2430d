/// AMTRELAY: a relay for multicast (RFC 8777 §4).
///
/// Text: `PRECEDENCE D-BIT TYPE RELAY`. Octets: precedence 1, the D bit and in seven more the type 1, relay.
enum MulticastRelayForm: RecordForm {
  static func octets(_ words: inout DataWords) throws(EntryFault) -> [UInt8] {
    let precedence: UInt8 = try words.number("a precedence")
    let isOptional: UInt8 = try words.number("a D bit", upTo: 1)
    let type: UInt8 = try words.number("a relay type", upTo: 3)
    return [precedence, isOptional << 7 | type] + (try GatewayForm.octets(type, &words))
  }

  static func isValid(_ octets: [UInt8]) -> Bool {
    var data = OctetReader(octets)
    guard data.octet() != nil, let type = data.octet(), GatewayForm.isValid(type & 0x7F, &data) else { return false }
    return data.rest.isEmpty
  }
}
