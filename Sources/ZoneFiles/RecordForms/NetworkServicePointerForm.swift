/// NSAP-PTR: the name of an address of OSI's network service (RFC 1348 §3).
///
/// Text: `NAME`, which libldns takes for a string. Octets: those of the name.
enum NetworkServicePointerForm: RecordForm {
  static func octets(_ words: inout DataWords) throws(EntryFault) -> [UInt8] { try words.name("a name").wire }

  static func isValid(_ octets: [UInt8]) -> Bool {
    var data = OctetReader(octets)
    return data.name() && data.rest.isEmpty
  }
}
