import DNSWire
import Steering
import SteeringPolicy

extension PodTable {
  /// Who has an address, with what the index does not have yet.
  func owner(of address: IPAddress) -> PodIndex.Owner? { pending[address] ?? index.owner(of: address) }

  /// The live pod that has an address; nil if none has.
  private func holder(of address: IPAddress) -> NamespacedName? {
    guard let name = owner(of: address)?.podName, pods[name]?.addresses.contains(address) == true else { return nil }
    return name
  }

  /// Lets a pod have an address that was told of it now, unless one holds it that had it later.
  mutating func claim(_ address: IPAddress, for owner: PodIndex.Owner, since networked: Int64) {
    // A pod of a file may have the address and the name.
    if let holder = holder(of: address), holder != owner.podName {
      if let other = pods[holder], other.networked > networked {
        waiting[address, default: []].append(owner.podName)
        return
      }
      waiting[address, default: []].append(holder)
    }
    pending[address] = owner
  }

  /// Takes from a pod an address that it holds or waits for; its record is still there.
  mutating func release(_ address: IPAddress, of name: NamespacedName) {
    var others = waiting[address] ?? []
    if let place = others.firstIndex(of: name) {
      others.remove(at: place)
    } else {
      // Of pods of one time the last one was told of the address last.
      let next = others.indices.max { (networked(others[$0]), $0) < (networked(others[$1]), $1) }
      let heir = next.flatMap { liveOwner(others.remove(at: $0)) }
      pending[address] = .some(heir ?? lowerOwner(of: address))
    }
    waiting[address] = others.isEmpty ? nil : others
  }

  /// Gives what no live pod has, of the addresses of `lower`, to whom it belongs then.
  mutating func settle(_ lower: PodIndex) {
    for (address, _) in lower.entries {
      if holder(of: address) == nil { pending[address] = .some(lowerOwner(of: address)) }
    }
    nodes.replaceBase(base.nodes.union(restored?.nodes ?? []))
  }

  private func lowerOwner(of address: IPAddress) -> PodIndex.Owner? {
    base.owner(of: address) ?? restored?.owner(of: address)
  }

  private func networked(_ name: NamespacedName) -> Int64 { pods[name]?.networked ?? .min }

  private func liveOwner(_ name: NamespacedName) -> PodIndex.Owner? {
    pods[name].map {
      PodIndex.Owner(
        PodIndex.Identity(namespace: name.namespace, serviceAccount: $0.serviceAccount), name: name.name)
    }
  }

  /// Brings the index up to date; whether it is another then.
  mutating func publish() -> Bool {
    var changes: [PodIndex.Change] = []
    for (address, owner) in pending where owner != index.owner(of: address) {
      changes.append(owner.map { .assigned(address, to: $0) } ?? .released(address))
    }
    pending = [:]
    for address in nodes.takeChanges() where nodes.has(address) != index.nodes.contains(address) {
      changes.append(nodes.has(address) ? .nodeAdded(address) : .nodeRemoved(address))
    }
    if changes.isEmpty { return false }
    index = index.applying(changes)
    version &+= 1
    return true
  }
}
