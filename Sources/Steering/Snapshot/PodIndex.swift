public import DNSWire
public import SteeringPolicy

/// Addresses of pods → who they are.
///
/// Immutable; independent of the policy, and replaced without compiling it. The addresses are spread over shards, and an
/// index that another is made of shares every shard with it that no change touches.
public struct PodIndex: Sendable {
  /// What a policy can know of a pod: its namespace and its service account.
  public struct Identity: Hashable, Sendable {
    /// The namespace.
    public let namespace: String
    /// The service account's name.
    public let serviceAccount: String

    /// An identity of a namespace and a service account.
    public init(namespace: String, serviceAccount: String) {
      self.namespace = namespace
      self.serviceAccount = serviceAccount
    }
  }

  /// Who has an address.
  public struct Owner: Hashable, Sendable {
    /// What a policy can know of the pod.
    public let identity: Identity
    /// The pod's name in its namespace.
    public let name: String

    /// The pod `name` of an identity.
    public init(_ identity: Identity, name: String) {
      self.identity = identity
      self.name = name
    }

    /// Namespace and name of the pod.
    public var podName: NamespacedName { NamespacedName(namespace: identity.namespace, name: name) }
  }

  /// How many shards there are, as a power of two: as many as a large cluster's batch of changes takes addresses apart.
  static let shardBits = 10

  var shards: [PodShard]
  /// The distinct identities; entries refer to them by index.
  var knownIdentities = PodIdentities()
  /// How many addresses are known.
  public internal(set) var count = 0
  /// The addresses of nodes.
  public internal(set) var nodes: Set<IPAddress>

  /// The index of a cluster's pods; each address belongs to one of them.
  ///
  /// `nodes` are the addresses of nodes, which stand for no pod.
  public init(_ pods: [Inventory.Pod], nodes: [IPAddress] = []) {
    shards = Array(repeating: PodShard(), count: 1 << Self.shardBits)
    self.nodes = Set(nodes)
    for pod in pods {
      for address in pod.addresses { assign(address, to: pod.owner) }
    }
  }

  /// The distinct identities; some of them may have no pod any more.
  var identities: [Identity] { knownIdentities.all }

  /// Whether an address is a node's.
  func isNode(_ address: IPAddress) -> Bool { nodes.contains(address) }

  /// The entry of an address; nil if no pod has it.
  ///
  /// It is of this index alone.
  func entry(of address: IPAddress) -> Int? {
    let hash = PodShard.hash(of: address)
    let shard = Self.shard(of: hash)
    guard let place = shards[shard].place(of: address, hash: hash) else { return nil }
    return place << Self.shardBits | shard
  }

  /// The identity of an entry, as an index.
  func identity(ofEntry entry: Int) -> Int {
    Int(shards[entry & (1 << Self.shardBits - 1)].entries[entry >> Self.shardBits].identity)
  }

  /// The pod of an entry.
  func pod(ofEntry entry: Int) -> NamespacedName {
    NamespacedName(
      namespace: identities[identity(ofEntry: entry)].namespace,
      name: shards[entry & (1 << Self.shardBits - 1)].entries[entry >> Self.shardBits].name)
  }

  /// Who has an address; nil if no pod does.
  public func owner(of address: IPAddress) -> Owner? {
    entry(of: address).map { Owner(identities[identity(ofEntry: $0)], name: pod(ofEntry: $0).name) }
  }

  /// Every address and its owner, in no order.
  public var entries: some Sequence<(address: IPAddress, owner: Owner)> {
    shards.lazy.flatMap(\.entries).map { [identities] in
      ($0.address, Owner(identities[Int($0.identity)], name: $0.name))
    }
  }

  /// The first address of the pod `name`, for questions put by name; nil if there is no such pod.
  func address(of name: NamespacedName) -> IPAddress? {
    shards.lazy.flatMap(\.entries).filter {
      $0.name == name.name && identities[Int($0.identity)].namespace == name.namespace
    }.map(\.address).min()
  }

  /// The shard of a hash.
  static func shard(of hash: UInt64) -> Int {
    Int(truncatingIfNeeded: hash) & (1 << shardBits - 1)
  }
}

extension Inventory.Pod {
  /// Whom the pod's addresses belong to.
  public var owner: PodIndex.Owner {
    PodIndex.Owner(PodIndex.Identity(namespace: name.namespace, serviceAccount: serviceAccount), name: name.name)
  }
}
