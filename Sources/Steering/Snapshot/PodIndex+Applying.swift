public import DNSWire

extension PodIndex {
  /// What became another: of an address, or of a node.
  public enum Change: Hashable, Sendable {
    /// A pod has the address, whoever had it before.
    case assigned(IPAddress, to: Owner)
    /// No pod has the address any more.
    case released(IPAddress)
    /// The address is a node's.
    case nodeAdded(IPAddress)
    /// The address is no node's any more.
    case nodeRemoved(IPAddress)
  }

  /// The owner with the texts of its identity that the index has already, or has from now on: many pods share them.
  public mutating func adopt(_ owner: Owner) -> Owner {
    // First: it may be one that the index does not have yet.
    let number = Int(knownIdentities.number(of: owner.identity))
    return Owner(identities[number], name: owner.name)
  }

  /// The index after changes, one after the other; this one stays as it is.
  ///
  /// What they touch is copied: the shards of the addresses, and the list of shards.
  public func applying(_ changes: some Sequence<Change>) -> PodIndex {
    var index = self
    if index.knownIdentities.areDue { index.forgetIdentities() }
    for change in changes {
      switch change {
      case .assigned(let address, let owner): index.assign(address, to: owner)
      case .released(let address): index.release(address)
      case .nodeAdded(let address): index.nodes.insert(address)
      case .nodeRemoved(let address): index.nodes.remove(address)
      }
    }
    return index
  }

  /// Gives an address to a pod.
  mutating func assign(_ address: IPAddress, to owner: Owner) {
    let entry = PodShard.Entry(
      address: address, identity: knownIdentities.number(of: owner.identity), name: owner.name)
    let hash = PodShard.hash(of: address)
    if shards[Self.shard(of: hash)].set(entry, hash: hash) { count += 1 }
  }

  private mutating func release(_ address: IPAddress) {
    let hash = PodShard.hash(of: address)
    if shards[Self.shard(of: hash)].remove(address, hash: hash) { count -= 1 }
  }

  /// Lets go of identities that no pod has: namespaces come and go with other names.
  private mutating func forgetIdentities() {
    var isUsed = [Bool](repeating: false, count: identities.count)
    for entry in shards.lazy.flatMap(\.entries) { isUsed[Int(entry.identity)] = true }
    var kept = PodIdentities(expecting: isUsed.count(where: \.self))
    let numbers = zip(identities, isUsed).map { $1 ? kept.number(of: $0) : 0 }
    for shard in shards.indices { shards[shard].renumber { numbers[Int($0)] } }
    knownIdentities = kept
  }
}
