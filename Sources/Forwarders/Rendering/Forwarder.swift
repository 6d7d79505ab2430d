/// A program that pods ask, and that hands the questions of a zone on to Steer.
public enum Forwarder: String, CaseIterable, Sendable {
  case coredns, nodelocal, dnsmasq, dnsdist, unbound, bind

  /// How the program can say who asked, the best first.
  ///
  /// NodeLocal DNSCache is built without `metadata`, `kubernetes` and `view`. dnsmasq and unbound can add nothing but
  /// Client Subnet, and dnsdist sets an option to a client's address only from 1.8 on. BIND as a forwarder says
  /// nothing about its clients; it can only forward those of each view elsewhere.
  public var methods: [IdentityMethod] {
    switch self {
    case .coredns: [.clientIP, .namespace, .ecs, .views]
    case .nodelocal: [.clientIP, .ecs]
    case .dnsmasq, .unbound: [.ecs]
    case .dnsdist: [.proxyProtocol, .ecs]
    case .bind: [.views]
    }
  }
}
