import DNSWire
import SteeringPolicy

/// How the clients of one zone or several are found, compiled: who may speak for them, and in which ways.
struct IdentityRule: Sendable {
  /// The ways, in order; eight at most.
  var sources: [IdentitySettings.Source]
  /// The addresses that may speak for clients → `ForwarderTrust.bits`; the narrowest block counts.
  private let forwarders: BlockTable
  /// Whether any address may.
  private let hasForwarderBlocks: Bool
  /// The service accounts whose pods may speak for clients.
  private let accounts: [NamespacedName: ForwarderTrust]

  /// The rule of a zone's settings.
  init(_ settings: IdentitySettings) {
    sources = settings.sources
    var accounts: [NamespacedName: ForwarderTrust] = [:]
    var blocks: [IPBlock: ForwarderTrust] = [:]
    for forwarder in settings.trustedForwarders {
      let trust = ForwarderTrust(forwarder.sources ?? settings.sources, of: settings.sources)
      switch forwarder.sender {
      case .block(let block): blocks[block, default: .none].formUnion(trust)
      case .serviceAccount(let namespace, let name):
        accounts[NamespacedName(namespace: namespace, name: name), default: .none].formUnion(trust)
      }
    }
    forwarders = BlockTable(blocks.map { ($0, $1.bits) })
    hasForwarderBlocks = !blocks.isEmpty
    self.accounts = accounts
  }

  /// Whether anyone may speak for clients.
  var trustsAnyone: Bool { hasForwarderBlocks || !accounts.isEmpty }

  /// How far the pods of an identity may speak for clients.
  func trust(in identity: PodIndex.Identity) -> ForwarderTrust {
    accounts[NamespacedName(namespace: identity.namespace, name: identity.serviceAccount)] ?? .none
  }

  /// How far the sender at an address may speak for clients.
  func trust(in address: IPAddress) -> ForwarderTrust {
    guard hasForwarderBlocks, let bits = forwarders.value(of: address) else { return .none }
    return ForwarderTrust(bits: bits)
  }
}

/// How far a sender may speak for clients: in which of a rule's sources, and whether at all.
struct ForwarderTrust: Equatable, Sendable {
  /// Bit N: it is believed in the source at place N; bit 8: it is a forwarder, whose own address is no client's.
  private(set) var bits: UInt32

  /// What one has who speaks for itself alone.
  static let none = ForwarderTrust(bits: 0)

  /// Trust of these bits.
  init(bits: UInt32) {
    self.bits = bits
  }

  /// A forwarder's that is believed in some of the sources of a rule, eight of them at most.
  init(_ believed: [IdentitySettings.Source], of sources: [IdentitySettings.Source]) {
    bits = 1 << 8
    for (place, source) in sources.prefix(8).enumerated() where believed.contains(source) {
      bits |= 1 << UInt32(place)
    }
  }

  /// Adds what another may.
  mutating func formUnion(_ other: ForwarderTrust) {
    bits |= other.bits
  }

  /// Whether it is a forwarder.
  var isForwarder: Bool { bits != 0 }

  /// Whether it is believed in the source at a place.
  func believes(sourceAt place: Int) -> Bool { bits >> UInt32(place) & 1 == 1 }
}

/// The namespaces that are known, found by their name as it stands in a message.
struct NamespaceTable: Sendable {
  /// By name.
  private(set) var names: [String] = []
  private(set) var classes: [UInt32] = []
  /// As whom their clients are noted that asked.
  private(set) var askers: [AskerKey] = []
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
      askers.append(AskerKey(namespace: name))
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
