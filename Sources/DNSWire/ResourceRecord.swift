/// A resource record of class IN (RFC 1035 §3.2.1).
public struct ResourceRecord: Hashable, Sendable {
  /// The largest TTL in seconds (RFC 2181 §8).
  public static let maximumTTL: UInt32 = 0x7FFF_FFFF

  /// The owner name.
  public var owner: DomainName
  /// The type.
  public var type: RecordType
  /// Time to live in seconds.
  public var ttl: UInt32
  /// The RDATA in wire format; names in it are uncompressed.
  ///
  /// At most 65,535 octets.
  public var rdata: [UInt8]

  /// A record of its four parts.
  public init(owner: DomainName, type: RecordType, ttl: UInt32, rdata: [UInt8]) {
    self.owner = owner
    self.type = type
    self.ttl = ttl
    self.rdata = rdata
  }
}
