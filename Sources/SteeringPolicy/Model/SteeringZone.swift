public import DNSWire

/// A zone that Steer is authoritative for.
public struct SteeringZone: Sendable {
  /// What a hidden name is answered with.
  public enum DenyAnswer: String, Sendable, CaseIterable {
    case nxdomain = "NXDOMAIN"
    case nodata = "NODATA"
    case refused = "REFUSED"
  }

  /// What a client without a known identity is answered with.
  public enum UnknownClient: String, Sendable, CaseIterable {
    /// The view of no namespace: static records, and no route.
    case `default` = "Default"
    /// Every name below the apex is hidden.
    case deny = "Deny"
    /// SERVFAIL, which no resolver keeps for long.
    case servFail = "ServFail"
  }

  /// The object's name.
  public var name: String
  /// Where `metadata.name` stands.
  public var location: SourceLocation
  /// The zone's apex.
  public var apex: DomainName
  /// Other apexes under which the same names are served.
  public var aliases: [DomainName]
  /// The zone's NS targets, where no zone file says otherwise.
  public var nameservers: [DomainName]
  /// The master file's path as written, relative to the document's own folder, and where it is named.
  public var zoneFile: Located<String>?
  /// TTL of steered answers in seconds, unless the route has its own.
  public var ttl: UInt32
  /// SOA MINIMUM and the SOA's TTL, in seconds (RFC 2308 §5), if the policy says them.
  ///
  /// Else a zone with steered names, or without a zone file, has `defaultNegativeTTL`: a denial must not outlive the
  /// policy for long. A zone of nothing but a zone file has the file's own.
  public var negativeTTL: UInt32?
  /// See `negativeTTL`; in seconds.
  public static let defaultNegativeTTL: UInt32 = 5
  /// What a hidden name is answered with.
  public var denyAnswer: DenyAnswer
  /// What a client without a known identity is answered with.
  public var unknownClient: UnknownClient
  /// Who may speak for a client, and how.
  public var identity: IdentitySettings
  /// Who may have the zone as a whole.
  public var transfers: [TransferRule] = []

  /// The blocks for which there are reverse zones, each on a label's boundary: the addresses in them that the zone's
  /// routes are answered with have PTR records.
  public var reverseBlocks: [IPBlock]

  /// The apex and its aliases.
  public var apexes: [DomainName] { [apex] + aliases }
  /// Every apex that is served for the zone: its own, its aliases, its reverse zones.
  public var servedApexes: [DomainName] { apexes + reverseBlocks.map(\.reverseName) }
}

/// How a query's client is found: who may speak for another, and in which ways.
public struct IdentitySettings: Hashable, Sendable {
  /// One that may speak for a client.
  public struct TrustedForwarder: Hashable, Sendable {
    /// Whom a message is from.
    public enum Sender: Hashable, Sendable {
      /// The pods of a service account, as the inventory has them now.
      case serviceAccount(namespace: String, name: String)
      /// A block of addresses.
      case block(IPBlock)
    }

    /// Whom the forwarder's messages are from.
    public var sender: Sender
    /// The ways in which it is believed, of the zone's; nil for all of these.
    public var sources: [Source]?

    /// A forwarder that is believed in some ways; nil for all that the zone lists.
    public init(_ sender: Sender, sources: [Source]? = nil) {
      self.sender = sender
      self.sources = sources
    }
  }

  /// One way to learn the client, in the order to be tried.
  public enum Source: Hashable, Sendable {
    /// An EDNS local option of this code with 4 or 16 raw octets.
    case ednsClientIP(UInt16)
    /// EDNS Client Subnet (RFC 7871), /32 or /128 only.
    case ednsClientSubnet
    /// An EDNS local option of this code with the namespace as text.
    case ednsNamespace(UInt16)
    /// The source address in a PROXY protocol header, version 2.
    case proxyProtocol
    /// The packet's own source address.
    case sourceAddress
  }

  /// A zone's settings where it has none: clients ask directly.
  public static let direct = IdentitySettings(trustedForwarders: [], sources: [.sourceAddress])

  /// Those that may speak for a client.
  public var trustedForwarders: [TrustedForwarder]
  /// The ways to learn the client, in order.
  public var sources: [Source]

  /// Whether a forwarder is believed in a source.
  func isBelieved(_ source: Source) -> Bool {
    trustedForwarders.contains { ($0.sources ?? sources).contains(source) }
  }

  /// Whether no way in which anyone is believed tells more of a client than its namespace.
  var tellsOnlyNamespaces: Bool {
    sources.allSatisfy { source in
      switch source {
      case .ednsNamespace: true
      case .sourceAddress: false
      default: !isBelieved(source)
      }
    }
  }
}

extension IdentitySettings.Source: CustomStringConvertible {
  /// As it is written in a policy.
  public var description: String {
    switch self {
    case .ednsClientIP(let code): "edns-client-ip:\(code)"
    case .ednsClientSubnet: "edns-client-subnet"
    case .ednsNamespace(let code): "edns-namespace:\(code)"
    case .proxyProtocol: "proxy-protocol"
    case .sourceAddress: "source-address"
    }
  }
}

/// A value and where it stands.
public struct Located<Value> {
  /// The value.
  public var value: Value
  /// Where it stands.
  public var location: SourceLocation

  /// A value at a place.
  public init(_ value: Value, at location: SourceLocation) {
    self.value = value
    self.location = location
  }
}

extension Located: Sendable where Value: Sendable {}
extension Located: Equatable where Value: Equatable {}
extension Located: Hashable where Value: Hashable {}
