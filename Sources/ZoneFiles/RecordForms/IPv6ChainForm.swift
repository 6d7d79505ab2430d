/// A6: an IPv6 address whose first bits are another name's (RFC 2874 §3).
///
/// Text: `PREFIX ADDRESS NAME`; no address at prefix 128, no name at prefix 0. Octets: prefix 1, the octets of the
/// address that hold the bits behind the prefix, name.
enum IPv6ChainForm: RecordForm {
  static func octets(_ words: inout DataWords) throws(EntryFault) -> [UInt8] {
    let prefix: UInt8 = try words.number("a prefix length", upTo: 128)
    var octets = [prefix]
    if prefix < 128 {
      var suffix = try words.address("an address suffix", isIPv4: false).dropFirst(Int(prefix) / 8)
      // RFC 2874 §3.1.1: the bits that pad the suffix to whole octets are zero.
      if let first = suffix.first { suffix[suffix.startIndex] = first & (0xFF >> (prefix % 8)) }
      octets += suffix
    }
    return prefix > 0 ? octets + (try words.name("a prefix name").wire) : octets
  }

  static func isValid(_ octets: [UInt8]) -> Bool {
    var data = OctetReader(octets)
    guard let prefix = data.octet(), prefix <= 128, let suffix = data.take(16 - Int(prefix) / 8) else {
      return false
    }
    guard suffix.first ?? 0 <= 0xFF >> (prefix % 8), prefix == 0 || data.name() else { return false }
    return data.rest.isEmpty
  }
}
