import Steering
import SteeringPolicy

/// Which namespaces and address blocks may use which listeners, of the proxies in which namespaces.
///
/// A NetworkPolicy does not know service accounts: what one may use, its whole namespace may reach, and the proxy decides.
struct ProxyAccess {
  /// Clients that may use the same listeners.
  struct Clients: Hashable {
    /// Namespaces, by name.
    var namespaces: [String] = []
    /// Blocks of addresses that are no pods.
    var blocks: [String] = []
  }

  /// The namespaces of the proxies.
  let proxies: Set<String>
  /// Per namespace of clients its routes.
  private var namespaceRoutes: [String: Set<Int>] = [:]
  /// Per block its routes.
  private var blockRoutes: [String: Set<Int>] = [:]
  /// Per route the namespaces of its proxies.
  private let routeProxies: [Set<String>]
  private let ports: [UInt16]

  init(of policy: PolicySet, in snapshot: Snapshot) {
    let matrix = AccessMatrix(of: policy, in: snapshot)
    ports = policy.routes.map(\.listenerPort)
    let proxiesByName = Dictionary(policy.backends.map { ($0.route.name, Set([$0.backend.service.namespace])) }) {
      $0.union($1)
    }
    routeProxies = policy.routes.map { proxiesByName[$0.name] ?? [] }
    proxies = routeProxies.reduce(into: []) { $0.formUnion($1) }
    for row in matrix.rows {
      let routes = Set(row.cells.indices.filter { row.cells[$0].connects })
      guard !routes.isEmpty else { continue }
      if row.kind == "ipBlock" {
        blockRoutes[row.subject, default: []].formUnion(routes)
      } else {
        let namespace = row.subject.split(separator: "/").first.map(String.init) ?? row.subject
        namespaceRoutes[namespace, default: []].formUnion(routes)
      }
    }
  }

  /// The listeners that a namespace may use, by the namespaces of their proxies.
  func listeners(of namespace: String) -> [String: Set<UInt16>] {
    var listeners: [String: Set<UInt16>] = [:]
    for route in namespaceRoutes[namespace] ?? [] {
      for proxies in routeProxies[route] { listeners[proxies, default: []].insert(ports[route]) }
    }
    return listeners
  }

  /// The clients of the proxies in a namespace, and the listeners that they may use, by the least port.
  func clients(of proxies: String) -> [(clients: Clients, ports: Set<UInt16>)] {
    var listeners: [Clients: Set<UInt16>] = [:]
    for route in ports.indices where routeProxies[route].contains(proxies) {
      let clients = Clients(
        namespaces: namespaceRoutes.filter { $0.value.contains(route) }.keys.sorted(),
        blocks: blockRoutes.filter { $0.value.contains(route) }.keys.sorted())
      if clients != Clients() { listeners[clients, default: []].insert(ports[route]) }
    }
    return listeners.map { ($0.key, $0.value) }.sorted { ($0.1.min() ?? 0) < ($1.1.min() ?? 0) }
  }
}
