/// WKS: the services of an address under one protocol (RFC 1035 §3.4.2).
///
/// Text: `ADDRESS PROTOCOL [SERVICE…]`, protocol and services by name or number. Octets: address 4, protocol 1,
/// then a bit for each port from 0 on, without zero octets at the end.
enum ServicesForm: RecordForm {
  static func octets(_ words: inout DataWords) throws(EntryFault) -> [UInt8] {
    let address = try words.address("an IPv4 address", isIPv4: true)
    let number = try value(try words.next("a protocol"), protocols, upTo: 255, "protocol")
    var bits: [UInt8] = []
    while !words.isAtEnd {
      let port = try value(try words.next("a service"), services, upTo: 65_535, "service")
      let octet = Int(port / 8)
      if bits.count <= octet { bits += [UInt8](repeating: 0, count: octet + 1 - bits.count) }
      bits[octet] |= 0x80 >> UInt8(port % 8)
    }
    return address + [UInt8(number)] + bits
  }

  static func isValid(_ octets: [UInt8]) -> Bool { (5...(5 + 8_192)).contains(octets.count) }

  private static func value(
    _ token: Token, _ names: [String: UInt64], upTo maximum: UInt64, _ meaning: String
  ) throws(EntryFault) -> UInt64 {
    if let number = token.number(upTo: maximum) ?? names[token.string.lowercased()] { return number }
    throw EntryFault("\"\(excerpt(token.text))\" is not a \(meaning) known by name; write its number, 0–\(maximum)")
  }

  /// The protocols that RFC 1010 names and hosts still know.
  private static let protocols: [String: UInt64] = [
    "icmp": 1, "igmp": 2, "ggp": 3, "st": 5, "tcp": 6, "egp": 8, "igp": 9, "pup": 12, "udp": 17, "hmp": 20,
    "xns-idp": 22, "rdp": 27, "iso-tp4": 29,
  ]

  /// The services that RFC 1010 names, and those that came to have a name of more use.
  ///
  /// A table of our own, so that a file means the same on every host.
  private static let services: [String: UInt64] = [
    "tcpmux": 1, "rje": 5, "echo": 7, "discard": 9, "systat": 11, "users": 11, "daytime": 13, "netstat": 15,
    "qotd": 17, "quote": 17, "chargen": 19, "ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25,
    "time": 37, "rlp": 39, "nameserver": 42, "whois": 43, "nicname": 43, "tacacs": 49, "domain": 53,
    "bootps": 67, "bootpc": 68, "tftp": 69, "gopher": 70, "finger": 79, "http": 80, "www": 80, "link": 87,
    "kerberos": 88, "supdup": 95, "hostname": 101, "hostnames": 101, "iso-tsap": 102, "x400": 103,
    "x400-snd": 104, "csnet-ns": 105, "rtelnet": 107, "pop2": 109, "pop3": 110, "sunrpc": 111, "auth": 113,
    "sftp": 115, "uucp-path": 117, "nntp": 119, "ntp": 123, "netbios-ns": 137, "netbios-dgm": 138,
    "netbios-ssn": 139, "imap": 143, "imap2": 143, "snmp": 161, "snmp-trap": 162, "xdmcp": 177, "bgp": 179,
    "irc": 194, "ldap": 389, "https": 443, "submission": 587, "ldaps": 636, "domain-s": 853, "imaps": 993,
    "pop3s": 995,
  ]
}
