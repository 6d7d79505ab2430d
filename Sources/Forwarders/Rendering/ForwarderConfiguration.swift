public import DNSWire
public import SteeringPolicy

/// The configuration of a forwarder that makes it tell Steer who asked, as text with a reason for each line.
public struct ForwarderConfiguration: Sendable {
  /// What is asked for.
  public struct Request: Sendable {
    /// The policy's zones.
    public var zones: [SteeringZone]
    /// The program.
    public var forwarder: Forwarder
    /// How it says who asked; nil takes, zone by zone, the first source of the policy that the program can carry.
    public var method: IdentityMethod?
    /// The addresses at which the program reaches Steer.
    public var servers: [Endpoint]
    /// The listeners of Steer that answer for one namespace each, every namespace once.
    public var views: [NamespaceListener]
    /// The address of the cluster's DNS Service, which NodeLocal DNSCache answers at too.
    public var clusterDNS: IPAddress?
    /// The one apex or alias to render; nil renders all.
    public var zone: DomainName?

    /// A request for all zones of a policy.
    public init(
      zones: [SteeringZone], forwarder: Forwarder, method: IdentityMethod? = nil, servers: [Endpoint] = [],
      views: [NamespaceListener] = [], clusterDNS: IPAddress? = nil, zone: DomainName? = nil
    ) {
      self.zones = zones
      self.forwarder = forwarder
      self.method = method
      self.servers = servers
      self.views = views
      self.clusterDNS = clusterDNS
      self.zone = zone
    }
  }

  /// The configuration, ending with a line break.
  public let text: String
  /// What it cannot do, or needs of the policy.
  public let warnings: [String]
  /// Whether a zone is asked of the forwarder's own machine.
  public let asksOwnMachine: Bool

  /// Renders a configuration.
  public init(_ request: Request) throws(RenderingError) {
    let stubs = try StubZone.all(of: request)
    let text =
      switch request.forwarder {
      case .coredns: CoreDNSText(request, stubs).text
      case .nodelocal: NodeLocalText(request, stubs).text
      case .dnsmasq: DnsmasqText(request, stubs).text
      case .dnsdist: DnsdistText(request, stubs).text
      case .unbound: UnboundText(request, stubs).text
      case .bind: BINDText(request, stubs).text
      }
    self.text = text
    asksOwnMachine =
      stubs.contains { $0.method != .views } && request.servers.contains(where: \.isOnOwnMachine)
      || stubs.contains { $0.method == .views } && request.views.contains(where: \.isOnOwnMachine)
    warnings = Self.warnings(of: request, stubs)
  }

  private static func warnings(of request: Request, _ stubs: [StubZone]) -> [String] {
    var warnings: [String] = []
    if request.forwarder == .unbound { warnings.append(UnboundText.warning) }
    if request.forwarder == .dnsmasq || request.forwarder == .unbound, Set(stubs.map(\.zone.name)).count > 1 {
      warnings.append("Client Subnet is set for the whole program, and so for every one of these zones")
    }
    if request.forwarder == .nodelocal {
      for zone in request.zones where stubs.contains(where: { $0.zone.name == zone.name }) && !zone.trustsBlock {
        warnings.append(
          "zone \(zone.apex.relativeDescription): NodeLocal DNSCache asks from the nodes' own addresses; add them to "
            + "identity.trustedForwarders as cidr, one by one, for no service account has them")
      }
    }
    return warnings
  }
}

extension SteeringZone {
  /// Whether a forwarder is trusted by address.
  fileprivate var trustsBlock: Bool {
    identity.trustedForwarders.contains {
      if case .block = $0.sender { true } else { false }
    }
  }
}

extension Endpoint {
  /// Whether the address is one of a machine's own (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3).
  var isOnOwnMachine: Bool {
    address.isIPv4 ? address.low >> 24 == 0xFFFF_7F : address.high == 0 && address.low == 1
  }
}
