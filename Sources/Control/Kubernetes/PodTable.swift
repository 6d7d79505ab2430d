import DNSWire
public import KubernetesAPI
public import Steering
import SteeringPolicy

/// The cluster's pods as the API server tells of them, and whose each address is.
///
/// An address belongs to the newest of the pods that have it: by creation, then by which was told of it later. When that
/// one goes, the next has it again. Below the live pods lie those of files and, until the live ones are complete for the
/// first time, those of the time before the start.
public struct PodTable: Sendable {
  /// The addresses and their owners as of now.
  public internal(set) var index: PodIndex
  /// Whether the pods were complete once: then an address that is not in the index is no pod's.
  public internal(set) var isSynchronized = false

  var pods: [NamespacedName: PodRecord] = [:]
  var nodes: NodeTable
  /// Pods that have an address that a newer one holds, in the order in which they were told.
  var waiting: [IPAddress: [NamespacedName]] = [:]
  /// The pods of files.
  var base: PodIndex
  /// The pods of the time before the start, until the live ones are complete.
  var restored: PodIndex?
  /// Which list is told, or was told last, and whether it is being told.
  var listing: UInt32 = 0
  var isListing = false
  /// Who has what the index does not have yet; nil is nobody.
  var pending: [IPAddress: PodIndex.Owner?] = [:]

  /// No live pods: `base` are those of files, `restored` those that were known before the start.
  public init(base: PodIndex = PodIndex([]), restored: PodIndex? = nil) {
    self.base = base
    self.restored = restored
    nodes = NodeTable(base.nodes.union(restored?.nodes ?? []))
    index = restored?.applying(base.changes) ?? base
  }

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

  /// Puts other pods of files below the live ones; whether `index` is another.
  public mutating func replaceBase(_ new: PodIndex) -> Bool {
    let old = base
    base = new
    nodes.replaceBase(base.nodes.union(restored?.nodes ?? []))
    old.forEach { address, _ in settle(address) }
    new.forEach { address, _ in settle(address) }
    return publish()
  }
}

extension PodTable {
  private mutating func put(_ pod: Pod) {
    let name = NamespacedName(namespace: pod.namespace, name: pod.name)
    let old = pods[name]
    var record = PodRecord(pod, listing: listing)
    // Of two pods of one name the older is gone, however late it is told of.
    if let old, old.uid != record.uid, old.created > record.created { return }
    let owner = index.adopt(
      PodIndex.Owner(
        PodIndex.Identity(namespace: pod.namespace, serviceAccount: pod.serviceAccount), name: pod.name))
    record.serviceAccount = owner.identity.serviceAccount
    record.node = nodes.hold(pod.addressesOfNode)
    if let old {
      nodes.release(old.node)
      for address in old.addresses where old.uid != record.uid || !record.addresses.contains(address) {
        release(address, of: name)
      }
    }
    pods[NamespacedName(namespace: owner.identity.namespace, name: owner.name)] = record
    for address in record.addresses {
      if let old, old.uid == record.uid, old.addresses.contains(address) {
        if self.owner(of: address)?.podName == name { pending[address] = owner }
      } else {
        claim(address, for: owner, created: record.created)
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
    if let restored {
      self.restored = nil
      nodes.replaceBase(base.nodes)
      restored.forEach { address, _ in settle(address) }
    }
    isSynchronized = true
  }
}
