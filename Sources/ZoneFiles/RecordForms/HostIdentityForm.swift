/// HIP: the identity of a host and its rendezvous servers (RFC 8005 §5, §6).
///
/// Text: `ALGORITHM HIT KEY [SERVER…]`, the tag in hexadecimal and the key in Base64, each one word. Octets: length of
/// the tag 1, algorithm 1, length of the key 2, tag, key, names of the servers.
enum HostIdentityForm: RecordForm {
  static func octets(_ words: inout DataWords) throws(EntryFault) -> [UInt8] {
    let algorithm: UInt8 = try words.number("an algorithm")
    let text = try words.next("a host identity tag").text
    guard let tag = hexadecimal(text), (1...255).contains(tag.count) else {
      throw EntryFault("\"\(excerpt(text))\" is not a tag of 1 to 255 hexadecimal octets")
    }
    let key = try words.base64Word("a public key")
    guard let length = UInt16(exactly: key.count) else { throw EntryFault("the key is longer than 65535 octets") }
    var octets = [UInt8(tag.count), algorithm] + length.bigEndianOctets + tag + key
    while !words.isAtEnd { octets += try words.name("a server").wire }
    return octets
  }

  static func isValid(_ octets: [UInt8]) -> Bool {
    var data = OctetReader(octets)
    guard let tag = data.octet(), data.octet() != nil, let key = data.number16(), tag > 0, key > 0,
      data.take(Int(tag)) != nil, data.take(key) != nil
    else { return false }
    while !data.rest.isEmpty {
      guard data.name() else { return false }
    }
    return true
  }
}
