import DNSWire
import SteeringPolicy

/// How the clients of one zone or several are found, compiled: who may speak for them, and in which ways.
struct IdentityRule: Sendable {
  /// The ways, in order; eight at most.
  var sources: [IdentitySettings.Source]
  /// The addresses that may speak for clients.
  var forwarders: BlockTable
  /// Whether any address may.
  var hasForwarderBlocks: Bool
  /// The service accounts whose pods may speak for clients.
  var accounts: Set<NamespacedName>

  /// The rule of a zone's settings.
  init(_ settings: IdentitySettings) {
    sources = settings.sources
    accounts = []
    var blocks: Set<IPBlock> = []
    for forwarder in settings.trustedForwarders {
      switch forwarder {
      case .block(let block): blocks.insert(block)
      case .serviceAccount(let namespace, let name): accounts.insert(NamespacedName(namespace: namespace, name: name))
      }
    }
    forwarders = BlockTable(blocks.map { ($0, 1) })
    hasForwarderBlocks = !blocks.isEmpty
  }

  /// Whether anyone may speak for clients.
  var trustsAnyone: Bool { hasForwarderBlocks || !accounts.isEmpty }

  /// Whether the pods of an identity may speak for clients.
  func trusts(_ identity: PodIndex.Identity) -> Bool {
    accounts.contains(NamespacedName(namespace: identity.namespace, name: identity.serviceAccount))
  }
}

/// The namespaces that are known, found by their name as it stands in a message.
struct NamespaceTable: Sendable {
  /// By name.
  private(set) var names: [String] = []
  private(set) var classes: [UInt32] = []
  private var octets: [UInt8] = []
  private var starts: [Int] = [0]
  private var slots: [UInt32] = Array(repeating: 0, count: 16)

  /// The table of namespaces and their classes; each name once.
  init(_ namespaces: [(name: String, clientClass: UInt32)] = []) {
    var size = 16
    while size < namespaces.count * 2 { size *= 2 }
    slots = Array(repeating: 0, count: size)
    for (name, clientClass) in namespaces {
      let text = Array(name.utf8)
      var slot = Self.hash(text.span, 0..<text.count) & (size - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
      names.append(name)
      classes.append(clientClass)
      octets += text
      starts.append(octets.count)
      slots[slot] = UInt32(names.count)
    }
  }

  private static func hash(_ text: borrowing Span<UInt8>, _ range: Range<Int>) -> Int {
    var hash = NameHash.seed(0)
    for index in range { hash = NameHash.adding(text[index], to: hash) }
    return Int(truncatingIfNeeded: (hash ^ hash >> 32) & 0x7FFF_FFFF)
  }

  /// The entry of the namespace whose name is the octets of `message` in `range`; nil if it is not known.
  func entry(of range: Range<Int>, in message: borrowing Span<UInt8>) -> Int? {
    var slot = Self.hash(message, range) & (slots.count - 1)
    while slots[slot] != 0 {
      let entry = Int(slots[slot]) - 1
      if matches(entry, range, message) { return entry }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  private func matches(_ entry: Int, _ range: Range<Int>, _ message: borrowing Span<UInt8>) -> Bool {
    let start = starts[entry]
    guard starts[entry + 1] - start == range.count else { return false }
    for offset in 0..<range.count where octets[start + offset] != message[range.lowerBound + offset] { return false }
    return true
  }
}
