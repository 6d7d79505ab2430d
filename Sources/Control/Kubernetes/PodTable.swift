public import DNSWire
public import KubernetesAPI
public import Steering
public import SteeringPolicy

/// The cluster's pods as the API server tells of them, and whose each address is.
///
/// An address belongs to the pod whose network was set up last, of the pods that have it; then to the one that was told of
/// it later. When that one goes, the next has it again. Below the live pods lie those of files and, until the live ones are complete for the
/// first time, those of the time before the start.
public struct PodTable: Sendable {
  /// The addresses and their owners as of now.
  public internal(set) var index = PodIndex([])
  /// How often `index` became another.
  public internal(set) var version: UInt64 = 0
  /// Whether the pods were complete once: then an address that is not in the index is no pod's.
  public internal(set) var isSynchronized = false

  var pods: [NamespacedName: PodRecord] = [:]
  var nodes = NodeTable()
  /// Pods that have an address that another one holds, in the order in which they were told.
  var waiting: [IPAddress: [NamespacedName]] = [:]
  /// The pods of files.
  var base = PodIndex([])
  /// The pods of the time before the start, until the live ones are complete.
  var restored: PodIndex?
  /// Which list is told, or was told last, and whether it is being told.
  var listing: UInt32 = 0
  var isListing = false
  /// Who has what the index does not have yet; nil is nobody.
  var pending: [IPAddress: PodIndex.Owner?] = [:]

  /// A table of no pods.
  public init() {}

  /// How many pods the API server tells of, with and without addresses.
  public var count: Int { pods.count }

  /// Takes in what became known; whether `index` or `isSynchronized` is another.
  public mutating func apply(_ changes: some Sequence<Change<Pod>>) -> Bool {
    let wasSynchronized = isSynchronized
    for change in changes {
      switch change {
      case .relisting:
        listing &+= 1
        isListing = true
      case .applied(let pod): put(pod)
      case .deleted(let pod): remove(pod)
      case .synchronized: complete()
      case .heard, .lost: break
      }
    }
    return publish() || isSynchronized != wasSynchronized
  }

  /// Puts other pods of files, and nodes of theirs, below the live ones; whether `index` is another.
  @discardableResult
  public mutating func replaceBase(_ pods: [Inventory.Pod], nodes: [IPAddress]) -> Bool {
    let old = base
    base = PodIndex(pods, nodes: nodes)
    settle(old)
    settle(base)
    return publish()
  }

  /// Puts the pods of the time before the start below all others, until the live ones are complete; whether `index` is
  /// another.
  @discardableResult
  public mutating func restore(_ pods: some Sequence<Pod>) -> Bool {
    if isSynchronized { return false }
    let old = restored
    let new = PodIndex(told: pods)
    restored = new
    if let old { settle(old) }
    settle(new)
    return publish()
  }
}

extension PodTable {
  private mutating func put(_ pod: Pod) {
    let name = NamespacedName(namespace: pod.namespace, name: pod.name)
    let old = pods[name]
    var record = PodRecord(pod, listing: listing)
    // Of two pods of one name the older is gone, however late it is told of; but what a list does not tell of is gone too.
    let isOldTold = !isListing || pods[name]?.listing == listing
    if let old, old.uid != record.uid, old.created > record.created, isOldTold { return }
    let owner = index.adopt(
      PodIndex.Owner(
        PodIndex.Identity(namespace: pod.namespace, serviceAccount: pod.serviceAccount), name: pod.name))
    record.serviceAccount = owner.identity.serviceAccount
    record.node = nodes.hold(pod.addressesOfNode)
    if let old {
      nodes.release(old.node)
      for address in old.addresses where !record.holds(address, as: old) {
        release(address, of: name)
      }
    }
    pods[NamespacedName(namespace: owner.identity.namespace, name: owner.name)] = record
    for address in record.addresses {
      if let old, record.holds(address, as: old), old.addresses.contains(address) {
        if self.owner(of: address)?.podName == name { pending[address] = owner }
      } else {
        claim(address, for: owner, since: record.networked)
      }
    }
  }

  private mutating func remove(_ pod: Pod) {
    let name = NamespacedName(namespace: pod.namespace, name: pod.name)
    // The end of an earlier pod of that name may be told late; that of a later one is the end of this one too.
    guard let record = pods[name], record.uid == PodRecord.hash(uid: pod.uid) || record.created < pod.created else {
      return
    }
    remove(name, record)
  }

  private mutating func remove(_ name: NamespacedName, _ record: PodRecord) {
    for address in record.addresses { release(address, of: name) }
    nodes.release(record.node)
    pods[name] = nil
  }

  /// Ends a list: what it did not tell of is gone.
  private mutating func complete() {
    if isListing {
      for (name, record) in pods where record.listing != listing { remove(name, record) }
      isListing = false
    }
    if let old = restored {
      restored = nil
      settle(old)
    }
    isSynchronized = true
  }
}
