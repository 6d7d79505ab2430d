/// A resource record type, QTYPEs included (RFC 1035 §3.2.2, IANA "Resource Record (RR) TYPEs").
public struct RecordType: RawRepresentable, Hashable, Sendable {
  /// The type's number.
  public let rawValue: UInt16

  /// The type of a number; every number is one (RFC 3597).
  @inlinable
  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  public static let a = RecordType(rawValue: 1)
  public static let ns = RecordType(rawValue: 2)
  public static let cname = RecordType(rawValue: 5)
  public static let soa = RecordType(rawValue: 6)
  public static let ptr = RecordType(rawValue: 12)
  public static let mx = RecordType(rawValue: 15)
  public static let txt = RecordType(rawValue: 16)
  public static let afsdb = RecordType(rawValue: 18)
  public static let rt = RecordType(rawValue: 21)
  public static let aaaa = RecordType(rawValue: 28)
  public static let srv = RecordType(rawValue: 33)
  public static let kx = RecordType(rawValue: 36)
  public static let dname = RecordType(rawValue: 39)
  public static let opt = RecordType(rawValue: 41)
  public static let ds = RecordType(rawValue: 43)
  public static let rrsig = RecordType(rawValue: 46)
  public static let svcb = RecordType(rawValue: 64)
  public static let https = RecordType(rawValue: 65)
  public static let tkey = RecordType(rawValue: 249)
  public static let tsig = RecordType(rawValue: 250)
  public static let ixfr = RecordType(rawValue: 251)
  public static let axfr = RecordType(rawValue: 252)
  public static let mailb = RecordType(rawValue: 253)
  public static let maila = RecordType(rawValue: 254)
  public static let any = RecordType(rawValue: 255)

  /// The types by their mnemonics, for text in and out.
  private static let mnemonics: [(String, RecordType)] = [
    ("A", a), ("NS", ns), ("CNAME", cname), ("SOA", soa), ("PTR", ptr), ("MX", mx), ("TXT", txt),
    ("AAAA", aaaa), ("SRV", srv), ("DNAME", dname), ("OPT", opt), ("DS", ds), ("RRSIG", rrsig),
    ("SVCB", svcb), ("HTTPS", https), ("TKEY", tkey), ("TSIG", tsig), ("IXFR", ixfr), ("AXFR", axfr),
    ("MAILB", mailb), ("MAILA", maila), ("ANY", any), ("HINFO", .init(rawValue: 13)), ("LOC", .init(rawValue: 29)),
    ("AFSDB", afsdb), ("RT", rt), ("KX", kx),
    ("NAPTR", .init(rawValue: 35)), ("CERT", .init(rawValue: 37)), ("SSHFP", .init(rawValue: 44)),
    ("NSEC", .init(rawValue: 47)), ("DNSKEY", .init(rawValue: 48)), ("NSEC3", .init(rawValue: 50)),
    ("NSEC3PARAM", .init(rawValue: 51)), ("TLSA", .init(rawValue: 52)), ("SMIMEA", .init(rawValue: 53)),
    ("CDS", .init(rawValue: 59)), ("CDNSKEY", .init(rawValue: 60)), ("OPENPGPKEY", .init(rawValue: 61)),
    ("WKS", .init(rawValue: 11)), ("NSAP", .init(rawValue: 22)), ("NSAP-PTR", .init(rawValue: 23)),
    ("NXT", .init(rawValue: 30)),
    ("ATMA", .init(rawValue: 34)), ("A6", .init(rawValue: 38)), ("APL", .init(rawValue: 42)),
    ("IPSECKEY", .init(rawValue: 45)), ("HIP", .init(rawValue: 55)), ("AMTRELAY", .init(rawValue: 260)),
    ("SPF", .init(rawValue: 99)), ("URI", .init(rawValue: 256)), ("CAA", .init(rawValue: 257)),
  ]

  /// Reads a mnemonic or `TYPEn` (RFC 3597 §5), in any case; nil for what is neither.
  public init?(_ text: String) {
    let upper = text.uppercased()
    if let (_, type) = Self.mnemonics.first(where: { $0.0 == upper }) {
      self = type
    } else if upper.hasPrefix("TYPE"), let number = UInt16(upper.dropFirst(4)) {
      self.init(rawValue: number)
    } else {
      return nil
    }
  }
}

extension RecordType: CustomStringConvertible {
  /// The mnemonic, or `TYPEn`.
  public var description: String {
    Self.mnemonics.first { $0.1 == self }?.0 ?? "TYPE\(rawValue)"
  }
}

/// A resource record class (RFC 1035 §3.2.4).
public struct RecordClass: RawRepresentable, Hashable, Sendable {
  /// The class's number.
  public let rawValue: UInt16

  /// The class of a number.
  @inlinable
  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  public static let internet = RecordClass(rawValue: 1)
  public static let chaos = RecordClass(rawValue: 3)
  public static let any = RecordClass(rawValue: 255)
}
