import DNSWire
public import SteeringPolicy

/// Who may resolve and connect: namespaces, service accounts and address blocks by routes.
public struct AccessMatrix: Codable, Sendable {
  /// What one subject may do with one route.
  public struct Cell: Codable, Sendable {
    /// Whether the route's names are answered.
    public var resolves: Bool
    /// Whether the proxy lets the route's destinations through.
    public var connects: Bool
    /// Whether only the Report mode of a policy makes it so.
    public var reportOnly: Bool
    /// The Services that the names lead to.
    public var services: [String]
  }

  /// One subject.
  public struct Row: Codable, Sendable {
    /// `namespace`, `serviceAccount` or `ipBlock`.
    public var kind: String
    /// The subject, as a policy names it.
    public var subject: String
    /// A cell for each route, in the routes' order.
    public var cells: [Cell]
  }

  /// The routes, by name.
  public var routes: [String]
  /// The subjects: namespaces first, then the service accounts and blocks that policies name.
  public var rows: [Row]

  /// The matrix of a policy and its snapshot.
  public init(of policy: PolicySet, in snapshot: Snapshot) {
    routes = policy.routes.map(\.name)
    let tables = snapshot.policy
    rows = policy.inventory.namespaces.map { namespace in
      let clientClass = tables.classOf(namespace: namespace.name, serviceAccount: nil)
      return Row(kind: "namespace", subject: namespace.name, cells: snapshot.cells(of: clientClass))
    }
    rows += tables.serviceAccountClasses.sorted { "\($0.key)" < "\($1.key)" }.map { account, clientClass in
      Row(kind: "serviceAccount", subject: account.description, cells: snapshot.cells(of: clientClass))
    }
    rows += tables.blockClasses.map { block, clientClass in
      Row(kind: "ipBlock", subject: block.description, cells: snapshot.cells(of: clientClass))
    }
  }
}

extension Snapshot {
  /// A class's cells: whether a route resolves and connects is one decision, so one look at it gives both.
  fileprivate func cells(of clientClass: UInt32) -> [AccessMatrix.Cell] {
    routes.indices.map { route in
      let decision = policy.rules.decide(
        class: clientClass, route: UInt32(route), ownVariant: policy.ownVariants[route])
      guard case .allow(_, let reportOnly) = decision.outcome else {
        return AccessMatrix.Cell(resolves: false, connects: false, reportOnly: false, services: [])
      }
      let backends = decision.rule.flatMap { policy.ruleBackends[Int($0)] } ?? routes[route].backends
      return AccessMatrix.Cell(
        resolves: true, connects: true, reportOnly: reportOnly, services: backends.map(\.service.description))
    }
  }
}
