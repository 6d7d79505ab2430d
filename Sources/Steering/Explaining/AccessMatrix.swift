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
    rows = policy.inventory.namespaces.map { namespace in
      Row(
        kind: "namespace", subject: namespace.name,
        cells: Self.cells(snapshot, .namespace(namespace.name, serviceAccount: nil)))
    }
    var accounts: Set<NamespacedName> = []
    var blocks: Set<IPBlock> = []
    for policy in policy.policies {
      switch policy.subject {
      case .namespaces: break
      case .serviceAccounts(let names): accounts.formUnion(names)
      case .ipBlocks(let located): blocks.formUnion(located.map(\.value))
      }
    }
    rows += accounts.sorted { "\($0)" < "\($1)" }.map { account in
      Row(
        kind: "serviceAccount", subject: account.description,
        cells: Self.cells(snapshot, .namespace(account.namespace, serviceAccount: account.name)))
    }
    let withoutPods = snapshot.replacing(pods: PodIndex([]), areSynchronized: true)
    rows += blocks.sorted { ($0.first, $0.prefixLength) < ($1.first, $1.prefixLength) }.map { block in
      Row(kind: "ipBlock", subject: block.description, cells: Self.cells(withoutPods, .address(block.first)))
    }
  }

  /// A subject's cells.
  ///
  /// Whether a route resolves and connects is one decision, so one look at it gives both.
  private static func cells(_ snapshot: Snapshot, _ client: Client) -> [Cell] {
    guard let (asking, address) = snapshot.asking(as: client) else { return [] }
    let clientClass = ClientIdentifier.identify(address, in: asking).clientClass
    return asking.routes.indices.map { route in
      let decision = asking.policy.rules.decide(
        class: clientClass, route: UInt32(route), ownVariant: asking.policy.ownVariants[route])
      guard case .allow(_, let reportOnly) = decision.outcome else {
        return Cell(resolves: false, connects: false, reportOnly: false, services: [])
      }
      let backends = decision.rule.flatMap { asking.policy.ruleBackends[Int($0)] } ?? asking.routes[route].backends
      return Cell(
        resolves: true, connects: true, reportOnly: reportOnly, services: backends.map(\.service.description))
    }
  }
}
