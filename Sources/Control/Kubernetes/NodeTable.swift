import DNSWire

/// The addresses of nodes, by the pods that are on them: one goes with its last pod.
struct NodeTable: Sendable {
  /// The node of a pod that is on none yet.
  static let none: UInt32 = 0

  private struct Node {
    var addresses: [IPAddress]
    var pods: Int
  }

  private var nodes: [Node] = [Node(addresses: [], pods: 0)]
  private var numbers: [[IPAddress]: UInt32] = [[]: none]
  private var free: [UInt32] = []
  /// How many nodes have an address; more than one for a moment, when a node is made anew with one address of two.
  private var uses: [IPAddress: Int] = [:]
  /// The nodes that are there without live pods.
  private var base: Set<IPAddress> = []
  private var changes: Set<IPAddress> = []

  /// Whether an address is a node's.
  func has(_ address: IPAddress) -> Bool { uses[address] != nil || base.contains(address) }

  /// The addresses that came or went since the last time.
  mutating func takeChanges() -> Set<IPAddress> {
    defer { changes = [] }
    return changes
  }

  /// Takes other nodes as there without live pods.
  mutating func replaceBase(_ new: Set<IPAddress>) {
    changes.formUnion(base.symmetricDifference(new))
    base = new
  }

  /// Counts one more pod on the node of these addresses; returns the node.
  mutating func hold(_ addresses: [IPAddress]) -> UInt32 {
    let number = numbers[addresses] ?? add(addresses)
    nodes[Int(number)].pods += 1
    return number
  }

  /// Counts one pod less on a node.
  mutating func release(_ number: UInt32) {
    let addresses = nodes[Int(number)].addresses
    nodes[Int(number)].pods -= 1
    guard nodes[Int(number)].pods == 0, number != Self.none else { return }
    numbers[addresses] = nil
    free.append(number)
    for address in addresses {
      let count = uses[address, default: 1] - 1
      uses[address] = count == 0 ? nil : count
      changes.insert(address)
    }
  }

  private mutating func add(_ addresses: [IPAddress]) -> UInt32 {
    let number = free.popLast() ?? UInt32(nodes.count)
    let node = Node(addresses: addresses, pods: 0)
    if number == nodes.count { nodes.append(node) } else { nodes[Int(number)] = node }
    numbers[addresses] = number
    for address in addresses {
      uses[address, default: 0] += 1
      changes.insert(address)
    }
    return number
  }
}
