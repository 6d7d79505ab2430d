/// IPSECKEY: a key for IPsec and the gateway to it (RFC 4025).
///
/// Text: `PRECEDENCE GATEWAY-TYPE ALGORITHM GATEWAY [KEY]`, the key in Base64, over several words if wanted, and left
/// out for algorithm 0. Octets: precedence 1, gateway type 1, algorithm 1, gateway, key.
enum IPsecKeyForm: RecordForm {
  static func octets(_ words: inout DataWords) throws(EntryFault) -> [UInt8] {
    let precedence: UInt8 = try words.number("a precedence")
    let type: UInt8 = try words.number("a gateway type", upTo: 3)
    let algorithm: UInt8 = try words.number("an algorithm")
    let gateway = try GatewayForm.octets(type, &words)
    guard algorithm != 0 else { return [precedence, type, algorithm] + gateway }
    let text = try words.joined("a public key")
    guard let key = base64(text), !key.isEmpty else { throw EntryFault("\"\(excerpt(text))\" is not Base64") }
    return [precedence, type, algorithm] + gateway + key
  }

  static func isValid(_ octets: [UInt8]) -> Bool {
    var data = OctetReader(octets)
    guard data.octet() != nil, let type = data.octet(), let algorithm = data.octet(),
      GatewayForm.isValid(type, &data)
    else { return false }
    // RFC 4025 §2.4: there is no key where the algorithm is 0.
    return data.rest.isEmpty == (algorithm == 0)
  }
}
