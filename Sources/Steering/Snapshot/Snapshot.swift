public import DNSWire
public import SteeringPolicy

/// One generation, ready to serve: everything a query or a CONNECT is decided by.
///
/// Immutable.
public final class Snapshot: Sendable {
  /// Which generation it is.
  public let generation: Generation
  /// The pods as known now.
  public let pods: PodIndex
  /// Whether the pods are known completely; while not, an unknown client may be a pod.
  public let podsAreSynchronized: Bool
  /// What is known besides the policy.
  let secrets: ServerSecrets

  let policy: CompiledPolicy
  /// What the policy makes of the identities of `pods`.
  let identities: IdentityTable

  init(
    _ policy: CompiledPolicy, generation: Generation, pods: PodIndex, podsAreSynchronized: Bool,
    secrets: ServerSecrets = ServerSecrets(), extending known: IdentityTable? = nil
  ) {
    self.policy = policy
    self.secrets = secrets
    self.generation = generation
    self.pods = pods
    self.podsAreSynchronized = podsAreSynchronized
    identities = IdentityTable(policy, pods.knownIdentities, extending: known)
  }

  /// The same generation with other pods: nothing is compiled for them.
  public func replacing(pods: PodIndex, areSynchronized: Bool) -> Snapshot {
    Snapshot(
      policy, generation: generation, pods: pods, podsAreSynchronized: areSynchronized, secrets: secrets,
      extending: identities)
  }

  /// The same generation with other secrets.
  public func replacing(secrets: ServerSecrets) -> Snapshot {
    Snapshot(
      policy, generation: generation, pods: pods, podsAreSynchronized: podsAreSynchronized, secrets: secrets,
      extending: identities)
  }

  /// The same generation, written where `other` is, which means the same, and with the namespaces that that knows.
  ///
  /// Namespaces that no policy selects make no other generation, but a forwarder may name them.
  public func replacing(originsOf other: Snapshot) -> Snapshot {
    guard other.generation.digest == generation.digest else { return self }
    var policy = policy
    policy.namespaces = other.policy.namespaces
    policy.ruleLocations = other.policy.ruleLocations
    for (index, route) in zip(policy.routes.indices, other.policy.routes) {
      policy.routes[index].location = route.location
    }
    return Snapshot(
      policy, generation: generation, pods: pods, podsAreSynchronized: podsAreSynchronized, secrets: secrets)
  }

  /// The routes, by name.
  public var routes: [EgressRoute] { policy.routes }
  /// The zones' apexes.
  public var apexes: [DomainName] { policy.zones.map(\.apex) }
  /// How many views there are.
  public var viewCount: Int { policy.views.count }
  /// The longest TTL of a steered answer, in seconds: how long a route's address may be remembered.
  public var longestSteeredTTL: UInt32 { policy.nodes.lazy.filter { $0.route != Node.none }.map(\.ttl).max() ?? 0 }
  /// How many names there are, empty non-terminals included.
  public var nameCount: Int { policy.nodes.count }
}

/// What the policy, the zones and the Services compile to: flat tables that refer to each other by index.
struct CompiledPolicy: Sendable {
  /// The class of clients that no policy selects.
  static let defaultClass: UInt32 = 0

  var routes: [EgressRoute] = []
  /// The routes by the ports of their listeners.
  var listenerRoutes: [UInt16: UInt32] = [:]
  var zones: [Zone] = []
  /// Apexes and aliases → `apexZones`; a space of its own.
  var apexes = NameTable()
  var apexZones: [UInt32] = []
  /// The most labels an apex has.
  var deepestApex = 0
  /// Names relative to their zone → `nodes`; the space is the zone's index.
  var names = NameTable()
  var nodes: [Node] = []
  var rrsets: [RRset] = []
  /// All records and options, encoded.
  var octets: [UInt8] = []
  /// Thresholds of 32 bits: the record of the first one above a random number goes first.
  var shares: [UInt32] = []
  /// What `RRset.additional` refers to.
  var additional: [AdditionalName] = []
  /// What `Node.pointers` refers to.
  var pointers: [PointerRecord] = []
  var variants: [AnswerVariant] = []
  /// Per route the variant of its own backends.
  var ownVariants: [UInt32] = []
  /// EDNS options, code and length included, by `OptionKind`.
  var options: [Piece] = []

  /// A TXT record that stands, in a zone handed out, where a wildcard would else answer for a name.
  var placeholder = Piece()

  var rules = RuleTable()
  /// Per rule the backends that it puts in place of the routes' own; nil for those.
  var ruleBackends: [[Backend]?] = []
  /// Per rule where it is written.
  var ruleLocations: [SourceLocation] = []
  var views = ViewTable()
  /// Per class its view.
  var classViews: [UInt32] = []
  /// How clients are found; zones refer to it by index.
  var identityRules: [IdentityRule] = []
  var namespaces = NamespaceTable()
  var namespaceClasses: [String: UInt32] = [:]
  var serviceAccountClasses: [NamespacedName: UInt32] = [:]
  /// The blocks that policies name, by address, with their classes; `blocks` finds the narrowest for an address.
  var blockClasses: [(block: IPBlock, clientClass: UInt32)] = []
  var blocks = BlockTable([])

  /// EDNS options that are encoded once.
  enum OptionKind: Int, CaseIterable {
    case notReady, blocked, prohibited, unknownClient, notAuthoritative, notSupported, transferRefused,
      transferPostponed, nsid
  }

  /// The class of a pod of a namespace and service account.
  func classOf(namespace: String, serviceAccount: String?) -> UInt32 {
    let account = serviceAccount.map { NamespacedName(namespace: namespace, name: $0) }
    return account.flatMap { serviceAccountClasses[$0] } ?? namespaceClasses[namespace] ?? Self.defaultClass
  }

  /// Adds octets and says where they are.
  mutating func append(_ new: some Collection<UInt8>) -> Piece {
    defer { octets += new }
    return Piece(start: UInt32(octets.count), length: UInt32(new.count))
  }
}
