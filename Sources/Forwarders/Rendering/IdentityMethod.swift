import SteeringPolicy

/// How a forwarder tells Steer who asked.
public enum IdentityMethod: String, CaseIterable, Sendable {
  /// An EDNS local option with the client's address.
  case clientIP = "client-ip"
  /// An EDNS local option with the client's namespace.
  case namespace
  /// EDNS Client Subnet with the whole address (RFC 7871).
  case ecs
  /// A PROXY protocol header, version 2, before the message.
  case proxyProtocol = "proxy-protocol"
  /// One listener of Steer for each namespace.
  case views

  /// The method that makes use of an identity source; nil if no forwarder has a part in it.
  init?(_ source: IdentitySettings.Source) {
    switch source {
    case .ednsClientIP: self = .clientIP
    case .ednsNamespace: self = .namespace
    case .ednsClientSubnet: self = .ecs
    case .proxyProtocol: self = .proxyProtocol
    case .sourceAddress: return nil
    }
  }

  /// What to add to a policy's `identity.sources` for the method; nil if it needs no source.
  var sourceToAdd: String? {
    switch self {
    case .clientIP: "edns-client-ip:65518"
    case .namespace: "edns-namespace:65519"
    case .ecs: "edns-client-subnet"
    case .proxyProtocol: "proxy-protocol"
    case .views: nil
    }
  }
}
