public import DNSWire
public import SteeringPolicy

/// Addresses of pods → who they are.
///
/// Immutable; independent of the policy, and replaced without compiling it.
public struct PodIndex: Sendable {
  /// What a policy can know of a pod: its namespace and its service account.
  public struct Identity: Hashable, Sendable {
    /// The namespace.
    public let namespace: String
    /// The service account's name.
    public let serviceAccount: String
  }

  private struct Entry {
    var address: IPAddress
    var identity: UInt32
    var pod: UInt32
  }

  private var slots: [UInt32]
  private var entries: [Entry] = []
  private var pods: [NamespacedName] = []
  /// The distinct identities; entries refer to them by index.
  let identities: [Identity]
  private let nodes: Set<IPAddress>

  /// The index of a cluster's pods; each address belongs to one of them.
  ///
  /// `nodes` are the addresses of nodes, which stand for no pod.
  public init(_ pods: [Inventory.Pod], nodes: [IPAddress] = []) {
    self.nodes = Set(nodes)
    var indexes: [Identity: UInt32] = [:]
    var identities: [Identity] = []
    let addressCount = pods.reduce(0) { $0 + $1.addresses.count }
    var size = 16
    while size < addressCount * 2 { size *= 2 }
    slots = Array(repeating: 0, count: size)
    for pod in pods {
      let identity = Identity(namespace: pod.name.namespace, serviceAccount: pod.serviceAccount)
      let index = indexes[identity] ?? UInt32(identities.count)
      if index == identities.count {
        indexes[identity] = index
        identities.append(identity)
      }
      for address in pod.addresses {
        entries.append(Entry(address: address, identity: index, pod: UInt32(self.pods.count)))
        var slot = Self.slot(of: address, size)
        while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
        slots[slot] = UInt32(entries.count)
      }
      self.pods.append(pod.name)
    }
    self.identities = identities
  }

  /// How many addresses are known.
  public var count: Int { entries.count }

  private static func slot(of address: IPAddress, _ size: Int) -> Int {
    var hash = (address.high ^ 0x9E37_79B9_7F4A_7C15) &* 0xD6E8_FEB8_6659_FD93
    hash = (hash ^ hash >> 32 ^ address.low) &* 0xD6E8_FEB8_6659_FD93
    return Int(truncatingIfNeeded: hash ^ hash >> 32) & (size - 1)
  }

  /// Whether an address is a node's.
  func isNode(_ address: IPAddress) -> Bool { nodes.contains(address) }

  /// The entry of an address; nil if no pod has it.
  func entry(of address: IPAddress) -> Int? {
    var slot = Self.slot(of: address, slots.count)
    while slots[slot] != 0 {
      let index = Int(slots[slot]) - 1
      if entries[index].address == address { return index }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// The identity of an entry, as an index.
  func identity(ofEntry entry: Int) -> Int { Int(entries[entry].identity) }

  /// The pod of an entry.
  func pod(ofEntry entry: Int) -> NamespacedName { pods[Int(entries[entry].pod)] }

  /// An address of the pod `name`, for questions put by name; nil if there is no such pod.
  func address(of name: NamespacedName) -> IPAddress? {
    entries.first { pods[Int($0.pod)] == name }?.address
  }
}
