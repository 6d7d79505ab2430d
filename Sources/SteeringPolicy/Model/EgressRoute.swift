public import DNSWire

/// An egress that exists: DNS names, a proxy listener, destinations.
public struct EgressRoute: Sendable {
  /// A proxy that tier 1 forwards to.
  public struct ParentProxy: Hashable, Sendable {
    /// Host name or address.
    public var host: String
    /// TCP port.
    public var port: UInt16

    /// A proxy at a host and port.
    public init(host: String, port: UInt16) {
      self.host = host
      self.port = port
    }
  }

  /// How one of several parents is chosen.
  public enum ParentSelection: String, CaseIterable, Hashable, Sendable {
    /// The first one that is up.
    case failover = "Failover"
    /// Each in turn.
    case roundRobin = "RoundRobin"
  }

  /// What becomes of connections that a change of the policy no longer allows.
  public enum Revocation: String, CaseIterable, Hashable, Sendable {
    /// They go on to their end.
    case keep = "Keep"
    /// They are closed.
    case close = "Close"
  }

  /// How it is found out whether a parent is up.
  public struct HealthCheck: Hashable, Sendable {
    /// Seconds from one check to the next.
    public var interval: UInt32 = 5
    /// Seconds after which a parent that has not answered is down.
    public var timeout: UInt32 = 2
    /// What the parent is asked to connect to; nil if it must only accept a connection.
    public var connect: ConnectTarget?

    /// A check with the defaults.
    public init() {}
  }

  /// A destination that a parent is asked for.
  public struct ConnectTarget: Hashable, Sendable {
    /// Host name.
    public var host: String
    /// TCP port.
    public var port: UInt16

    /// A host and port.
    public init(host: String, port: UInt16) {
      self.host = host
      self.port = port
    }
  }

  /// The object's name, which is also the name of Squid's listener.
  public var name: String
  /// Where `metadata.name` stands.
  public var location: SourceLocation
  /// Who answers for the route; free text.
  public var owner: String?
  /// The names that steer to this route.
  public var hostnames: [Located<DomainName>]
  /// The Services behind the names, each with its addresses.
  public var backends: [Backend]
  /// The port of the route's own listener in the proxy.
  public var listenerPort: UInt16
  /// The destinations that may be reached.
  public var destinations: [DomainPattern]
  /// The destination ports that may be reached.
  public var ports: [UInt16]
  /// The HTTP methods that may be used: CONNECT, and those of plain HTTP if they are named.
  public var methods: [String] = ["CONNECT"]
  /// The proxies of the next tier.
  public var parentProxies: [ParentProxy]
  /// How one of them is chosen.
  public var parentSelection = ParentSelection.failover
  /// How they are checked.
  public var healthCheck = HealthCheck()
  /// What becomes of open connections that are no longer allowed.
  public var onRevocation = Revocation.keep
  /// TTL in seconds, or nil for the zone's.
  public var ttl: UInt32?
}

/// A Service that a name steers to, resolved against the inventory.
public struct Backend: Hashable, Sendable {
  /// The Service.
  public var service: NamespacedName
  /// The Service's port.
  public var port: UInt16
  /// Its share of the answers in which it comes first; 0 takes it out.
  public var weight: UInt32
  /// Its cluster IPs, or the ready endpoints of a headless Service; IPv4 and IPv6 mixed.
  public var addresses: [IPAddress]
  /// Whether the Service has no address of its own.
  public var isHeadless: Bool
}

/// A destination: a host name, or `*.` and a suffix for one or more labels below it.
public struct DomainPattern: Hashable, Sendable {
  /// The name, or the suffix of a wildcard.
  public var name: DomainName
  /// Whether only names below `name` match, the name itself not.
  public var isWildcard: Bool

  /// Whether the pattern covers `host`.
  public func matches(_ host: DomainName) -> Bool {
    isWildcard ? host != name && host.isAtOrBelow(name) : host == name
  }
}

extension DomainPattern: CustomStringConvertible {
  /// The pattern as written in a policy.
  public var description: String { (isWildcard ? "*." : "") + name.relativeDescription }
}

/// The name of a namespaced Kubernetes object.
public struct NamespacedName: Hashable, Codable, Sendable, CustomStringConvertible {
  /// The namespace.
  public var namespace: String
  /// The name within it.
  public var name: String

  /// The object `name` of `namespace`.
  public init(namespace: String, name: String) {
    self.namespace = namespace
    self.name = name
  }

  /// `namespace/name`.
  public var description: String { "\(namespace)/\(name)" }
}
