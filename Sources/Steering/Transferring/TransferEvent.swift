public import DNSWire

/// What became of a zone transfer or of a signature, for the log.
public struct TransferEvent: Hashable, Sendable {
  /// What became of it.
  public enum Outcome: Hashable, Sendable {
    /// The zone was handed out.
    case finished(records: Int, octets: Int)
    /// The connection ended before the zone did.
    case brokenOff(records: Int)
    /// A record of the zone fits no message.
    case unsendable(records: Int)
    /// Neither key nor address may have the zone.
    case refused
    /// There were too many transfers at one time.
    case postponed
    /// The signature of a query was not accepted.
    case badSignature, badKey, badTime, badTruncation

    /// Whether it tells of a signature, which anyone can send.
    public var isOfSignature: Bool {
      switch self {
      case .badSignature, .badKey, .badTime, .badTruncation: true
      default: false
      }
    }
  }

  /// Who asked.
  public var client: IPAddress
  /// The zone that was asked for; the root for a signature.
  public var zone: DomainName
  /// The key that signed the query, or is said to; nil if there is no such key.
  public var key: DomainName?
  /// The serial that was served.
  public var serial: UInt32
  /// What became of it.
  public var outcome: Outcome
}
