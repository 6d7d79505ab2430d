import DNSWire
import SteeringPolicy

/// Decides whether a client may connect to a destination by a route: the proxy's side of the policy.
public enum ProxyAuthorizer {
  /// Why a request is let through or not.
  public enum Reason: String, Sendable, Codable, CaseIterable {
    /// A rule allows the route, and the route has the destination.
    case allowed
    /// Only the Report mode of a policy lets it through.
    case reportMode
    /// A rule denies the route.
    case deniedByRule
    /// No rule allows the route.
    case noRule
    /// The route does not have the method.
    case method
    /// The route does not have the destination's name.
    case destination
    /// The route does not have the destination's port.
    case port
    /// The pods are not synchronized, and the client may be one.
    case notReady
    /// Nothing is known of the client, and its zone is closed to such clients.
    case unknownClient
    /// No route has the listener.
    case noRoute
    /// The policy allows it, but the route has no parent, and the proxy goes nowhere by itself.
    case noParent
    /// The policy allows it, but none of the route's parents is up.
    case parentsDown
  }

  /// Decides about a request: the one function for the proxies, `explain` and tests of the policy.
  ///
  /// The route is decided as the DNS decides it; then the route must have the method and the destination, which no mode
  /// relaxes.
  public static func decide(_ request: ProxyRequest, in snapshot: Snapshot) -> ProxyDecision {
    let identity = ClientIdentifier.identify(request.client, in: snapshot)
    guard let route = snapshot.route(listenerPort: request.listenerPort) else {
      return snapshot.decision(false, .noRoute, identity)
    }
    let rules = snapshot.policy.rules.decide(
      class: identity.clientClass, route: UInt32(route), ownVariant: snapshot.policy.ownVariants[route])
    let reason = reason(request, identity, route, in: snapshot)
    let isAllowed = reason == .allowed || reason == .reportMode
    return snapshot.decision(isAllowed, reason, identity, route: route, rules)
  }

  private static func reason(
    _ request: ProxyRequest, _ identity: ClientIdentity, _ route: Int, in snapshot: Snapshot
  ) -> Reason {
    if !snapshot.podsAreSynchronized, identity.isUnknown { return .notReady }
    if identity.isUnknown, snapshot.hidesFromUnknown(route) { return .unknownClient }
    let isReported: Bool
    switch snapshot.outcome(for: identity.clientClass, route: UInt32(route)) {
    case .blocked: return .deniedByRule
    case .prohibited: return .noRule
    case .allow(_, let wouldDeny): isReported = wouldDeny
    }
    let egress = snapshot.routes[route]
    guard egress.methods.contains(request.method) else { return .method }
    guard let name = request.destination.name, egress.destinations.contains(where: { $0.matches(name) }) else {
      return .destination
    }
    guard egress.ports.contains(request.destination.port) else { return .port }
    return isReported ? .reportMode : .allowed
  }
}

extension Snapshot {
  /// The route whose listener has a port, by its index; nil if there is none.
  public func route(listenerPort: UInt16) -> Int? {
    policy.listenerRoutes[listenerPort].map(Int.init)
  }

  /// What a class may see of a route.
  func outcome(for clientClass: UInt32, route: UInt32) -> RouteOutcome {
    policy.views.outcome(
      view: policy.classViews[Int(clientClass)], route: route, ownVariant: policy.ownVariants[Int(route)])
  }

  /// `POLICY/RULE`.
  func name(ofRule rule: UInt32) -> String {
    let rule = policy.rules.rules[Int(rule)]
    return "\(policy.rules.policies[Int(rule.policy)].name)/\(rule.name)"
  }

  /// A decision with the names of all that it was made by.
  fileprivate func decision(
    _ isAllowed: Bool, _ reason: ProxyAuthorizer.Reason, _ identity: ClientIdentity, route: Int? = nil,
    _ rules: RuleTable.Decision? = nil
  ) -> ProxyDecision {
    var known: (pod: NamespacedName, serviceAccount: String)?
    if case .pod(let entry) = identity.kind {
      known = (pods.pod(ofEntry: entry), pods.identities[pods.identity(ofEntry: entry)].serviceAccount)
    }
    return ProxyDecision(
      isAllowed: isAllowed, reason: reason, route: route, rule: rules?.rule.map(name(ofRule:)),
      reportedRule: rules?.reportedRule.map(name(ofRule:)), namespace: known?.pod.namespace,
      serviceAccount: known?.serviceAccount, pod: known?.pod.name, identity: identity.kind.word)
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
