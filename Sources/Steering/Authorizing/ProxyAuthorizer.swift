public import DNSWire

/// Decides whether a client may connect to a destination by a route: the proxy's side of the policy.
public enum ProxyAuthorizer {
  /// Why a CONNECT is let through or not.
  public enum Reason: String, Sendable, Codable {
    /// A rule allows the route, and the route has the destination.
    case allowed
    /// Only the Report mode of a policy lets it through.
    case reportMode
    /// A rule denies the route.
    case deniedByRule
    /// No rule allows the route.
    case noRule
    /// The route does not have the destination's name.
    case destination
    /// The route does not have the destination's port.
    case port
    /// The pods are not synchronized, and the client may be one.
    case notReady
    /// Nothing is known of the client, and its zone is closed to such clients.
    case unknownClient
  }

  /// A decision.
  public struct Verdict: Sendable {
    /// Whether the connection is let through.
    public let isAllowed: Bool
    /// Why.
    public let reason: Reason
  }

  /// Decides for the client that has an address.
  ///
  /// The route is decided as the DNS decides it; then the route must have the destination, which no mode relaxes.
  public static func authorize(
    _ client: IPAddress, route: Int, to destination: Destination, in snapshot: Snapshot
  ) -> Verdict {
    let identity = ClientIdentifier.identify(client, in: snapshot)
    let outcome = snapshot.outcome(for: identity.clientClass, route: UInt32(route))
    if identity.isUnknown, !snapshot.podsAreSynchronized { return deny(.notReady) }
    if identity.isUnknown, snapshot.hidesFromUnknown(route) { return deny(.unknownClient) }
    let isReported: Bool
    switch outcome {
    case .blocked: return deny(.deniedByRule)
    case .prohibited: return deny(.noRule)
    case .allow(_, let wouldDeny): isReported = wouldDeny
    }
    let egress = snapshot.routes[route]
    guard let name = destination.name, egress.destinations.contains(where: { $0.matches(name) }) else {
      return deny(.destination)
    }
    guard egress.ports.contains(destination.port) else { return deny(.port) }
    return Verdict(isAllowed: true, reason: isReported ? .reportMode : .allowed)
  }

  private static func deny(_ reason: Reason) -> Verdict {
    Verdict(isAllowed: false, reason: reason)
  }
}

extension Snapshot {
  /// What a class may see of a route.
  func outcome(for clientClass: UInt32, route: UInt32) -> RouteOutcome {
    policy.views.outcome(
      view: policy.classViews[Int(clientClass)], route: route, ownVariant: policy.ownVariants[Int(route)])
  }

  /// Whether every zone in which a route has a name keeps such names from unknown clients.
  fileprivate func hidesFromUnknown(_ route: Int) -> Bool {
    routes[route].hostnames.allSatisfy { hostname in
      let zone = policy.zones.filter { hostname.value.isAtOrBelow($0.apex) }
        .max { $0.apex.wire.count < $1.apex.wire.count }
      return zone?.unknownClient != .default
    }
  }
}
