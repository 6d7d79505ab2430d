public import DNSWire
public import SteeringPolicy

/// Whom all threads of a server answered of late with addresses of routes.
public struct Askers: Sendable {
  /// How far back is looked, in seconds.
  static let period: UInt64 = 3600

  private let tables: [AskerTable]

  /// The askers in the tables of several threads.
  public init(_ tables: [AskerTable]) {
    self.tables = tables
  }

  /// Who was answered in the last hour with addresses of `service` as a backend of a route: `NAMESPACE/ACCOUNT`,
  /// `NAMESPACE`, or a kind of clients; sorted.
  ///
  /// Looked for are the clients that `snapshot` knows, and that `snapshot` or `earlier` answers so.
  public func names(
    of service: NamespacedName, route: String, in snapshot: Snapshot, or earlier: Snapshot,
    at seconds: UInt64 = AskerTable.seconds()
  ) -> [String] {
    let places = [earlier, snapshot].compactMap { snapshot in
      snapshot.routes.firstIndex { $0.name == route }.map { (snapshot, UInt32($0)) }
    }
    let ports = Set(places.map { $0.0.routes[Int($0.1)].listenerPort })
    func hasAsked(_ key: AskerKey) -> Bool {
      tables.contains { table in
        ports.contains { table.hasAsked(key, listenerPort: $0, within: Self.period, at: seconds) }
      }
    }
    func isAnswered(_ namespace: String, _ account: String?) -> Bool {
      places.contains { snapshot, route in
        snapshot.backends(of: route, for: namespace, account).contains { $0.service == service }
      }
    }
    let pods = snapshot.pods.identities.filter {
      hasAsked(AskerKey($0)) && isAnswered($0.namespace, $0.serviceAccount)
    }
    let namespaces = snapshot.policy.namespaces.names.filter {
      hasAsked(AskerKey(namespace: $0)) && isAnswered($0, nil)
    }
    let kinds = [("address blocks", AskerKey.block), ("nodes", .node), ("keys", .key), ("unknown clients", .unknown)]
    return
      (pods.map { "\($0.namespace)/\($0.serviceAccount)" } + namespaces
      + kinds.filter { hasAsked($0.1) }.map(\.0)).sorted()
  }
}

extension Snapshot {
  /// The backends that the clients of a namespace and service account are answered with for a route.
  fileprivate func backends(of route: UInt32, for namespace: String, _ account: String?) -> [Backend] {
    let decision = policy.rules.decide(
      class: policy.classOf(namespace: namespace, serviceAccount: account), route: route,
      ownVariant: policy.ownVariants[Int(route)])
    guard case .allow = decision.outcome else { return [] }
    return decision.rule.flatMap { policy.ruleBackends[Int($0)] } ?? routes[Int(route)].backends
  }

  /// The addresses of every Service that is a backend of a route, by the route's name.
  public var backendAddresses: [String: [NamespacedName: [IPAddress]]] {
    var addresses: [String: [NamespacedName: [IPAddress]]] = [:]
    func add(_ backends: [Backend], to route: Int) {
      for backend in backends { addresses[routes[route].name, default: [:]][backend.service] = backend.addresses }
    }
    for (index, route) in routes.enumerated() { add(route.backends, to: index) }
    for (rule, backends) in zip(policy.rules.rules, policy.ruleBackends) {
      for route in rule.routes { add(backends ?? [], to: Int(policy.rules.routes[Int(route)])) }
    }
    return addresses
  }
}
