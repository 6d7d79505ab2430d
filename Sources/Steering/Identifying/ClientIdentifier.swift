import DNSWire
import SteeringPolicy

/// Who sent a message, as the transport knows it.
struct Sender: Sendable {
  /// The packet's own source address.
  var address: IPAddress
  /// Whom a PROXY header said that the message is of.
  var relayed = RelayedClient.none
  /// The namespace that the listener is bound to, by its entry; `unknownNamespace`, or nil if it is bound to none.
  var listenerNamespace: Int?

  /// The entry of a namespace that is not known.
  static let unknownNamespace = -1
}

/// Finds out who asks.
///
/// The sources of the zone's rule are tried in order, and the first that is there names the client; a namespace gives way
/// to a pod in it. A source is believed only of a trusted forwarder, whose own address never counts. Every other source
/// that is there must name the same client: one that is doubled, cannot be read, names a network or someone else makes
/// the client unknown, for a guess between two could be steered by whoever added the second.
enum ClientIdentifier {
  /// The identity of whoever has `address`: a pod first, then one of the policies' address blocks.
  ///
  /// While the pods are not synchronized an address that no pod has may be that of one not told of yet, in a block too.
  static func identify(_ address: IPAddress, in snapshot: Snapshot) -> ClientIdentity {
    var identity = ClientIdentity(address: address, isAddressKnown: true)
    if let entry = snapshot.pods.entry(of: address) {
      identity.kind = .pod(entry: entry)
      identity.clientClass = snapshot.identities.classes[snapshot.pods.identity(ofEntry: entry)]
    } else if !snapshot.podsAreSynchronized {
      return identity
    } else if let clientClass = snapshot.policy.blocks.value(of: address) {
      identity.kind = .block
      identity.clientClass = clientClass
    } else if snapshot.pods.isNode(address) {
      identity.kind = .node
    }
    return identity
  }

  /// The identity of the client of a message, by the rule at `rule`; `options` is where its EDNS options stand.
  static func identify(
    _ sender: Sender, options: Range<Int>, of message: borrowing Span<UInt8>, by rule: Int, in snapshot: Snapshot
  ) -> ClientIdentity {
    let trust = snapshot.trust(in: sender.address, by: rule)
    var identity = ClientIdentity(address: sender.address)
    if let namespace = sender.listenerNamespace {
      identity.listener = trust.isForwarder ? .used : .untrusted
      if trust.isForwarder {
        identity.source = ClientIdentity.listener
        if namespace == Sender.unknownNamespace {
          identity.listener = .unknown
        } else {
          identity.kind = .namespace(entry: namespace)
          identity.clientClass = snapshot.policy.namespaces.classes[namespace]
        }
      }
    }
    var hasFault = false
    for place in 0..<min(snapshot.policy.identityRules[rule].sources.count, 8) {
      let source = snapshot.policy.identityRules[rule].sources[place]
      let isTrusted = source == .sourceAddress ? trust.isForwarder : trust.believes(sourceAt: place)
      let candidate = Candidate(source, sender, isTrusted: isTrusted, options, message)
      let result = weigh(candidate, at: place, message, snapshot, &identity)
      identity.candidates[place] = result
      switch result {
      case .duplicate, .malformed, .tooCoarse, .conflicting: hasFault = true
      default: break
      }
      if source == .ednsClientSubnet, isTrusted { identity.clientSubnet = candidate.clientSubnet }
    }
    identity.isForwarded = trust.isForwarder
    if hasFault {
      identity.kind = .unknown
      identity.address = sender.address
      identity.isAddressKnown = false
      identity.clientClass = CompiledPolicy.defaultClass
      identity.source = ClientIdentity.none
      identity.candidates.overrule()
      if identity.listener == .used || identity.listener == .agrees { identity.listener = .overruled }
    }
    return identity
  }

  /// What a candidate is worth beside what is known already; takes it if it is the first.
  private static func weigh(
    _ candidate: Candidate, at place: Int, _ message: borrowing Span<UInt8>, _ snapshot: Snapshot,
    _ identity: inout ClientIdentity
  ) -> CandidateResult {
    let found: ClientIdentity
    switch candidate.value {
    case .nothing(let result): return result
    case .address(let address): found = identify(address, in: snapshot)
    case .namespace(let range):
      var named = ClientIdentity(address: identity.address)
      if let entry = snapshot.policy.namespaces.entry(of: range, in: message) {
        named.kind = .namespace(entry: entry)
        named.clientClass = snapshot.policy.namespaces.classes[entry]
      }
      found = named
    }
    if identity.source != ClientIdentity.none {
      guard agree(identity, found, snapshot) else { return .conflicting }
      // A pod says more than its namespace: policies may know its service account.
      guard case .namespace = identity.kind, case .pod = found.kind else { return .agrees }
      identity.yield()
    }
    identity.address = found.address
    identity.isAddressKnown = found.isAddressKnown
    identity.kind = found.kind
    identity.clientClass = found.clientClass
    identity.source = place
    return found.isUnknown ? .unknown : .used
  }

  /// Whether two sources name one client: the same address, or a namespace and a pod in it.
  private static func agree(_ first: ClientIdentity, _ second: ClientIdentity, _ snapshot: Snapshot) -> Bool {
    switch (first.kind, second.kind) {
    case (.namespace(let entry), .pod(let pod)), (.pod(let pod), .namespace(let entry)):
      snapshot.pods.pod(ofEntry: pod).namespace == snapshot.policy.namespaces.names[entry]
    case (.namespace(let one), .namespace(let other)): one == other
    default: first.isAddressKnown && second.isAddressKnown && first.address == second.address
    }
  }
}

/// What one source of a zone's rule says about one message.
struct Candidate {
  /// What it says.
  enum Value {
    /// Nothing that could name a client, and why.
    case nothing(CandidateResult)
    /// The client's address.
    case address(IPAddress)
    /// The client's namespace, by where its name stands in the message.
    case namespace(Range<Int>)
  }

  /// What it says.
  private(set) var value: Value
  /// Where the option's data stand, if there is one option.
  private(set) var data: Range<Int> = 0..<0

  /// How many options are looked at; a message with more has none that is believed.
  private static let optionLimit = 32

  /// Reads one source.
  init(
    _ source: IdentitySettings.Source, _ sender: Sender, isTrusted: Bool, _ options: Range<Int>,
    _ message: borrowing Span<UInt8>
  ) {
    value = .nothing(.absent)
    switch source {
    case .sourceAddress:
      value = isTrusted ? .nothing(.forwarder) : .address(sender.address)
      return
    case .proxyProtocol:
      switch sender.relayed {
      case .none, .proxyItself: return
      case .unreadable: value = .nothing(.malformed)
      case .address(let address): value = .address(address)
      }
    case .ednsClientIP(let code): readOption(code, options, message, Value.clientIP)
    case .ednsNamespace(let code): readOption(code, options, message, Value.namespace)
    case .ednsClientSubnet: readOption(EDNSOptionCode.clientSubnet, options, message, Value.clientSubnet)
    }
    if !isTrusted, !isAbsent { value = .nothing(.untrusted) }
  }

  private var isAbsent: Bool {
    if case .nothing(.absent) = value { true } else { false }
  }

  /// Where a Client Subnet option stands that a reply must carry, code and length included; 0 if there is none.
  var clientSubnet: Int {
    switch value {
    case .address, .nothing(.tooCoarse): data.lowerBound - 4
    default: 0
    }
  }

  /// Finds the option of a code and reads its data with `read`.
  private mutating func readOption(
    _ code: UInt16, _ options: Range<Int>, _ message: borrowing Span<UInt8>,
    _ read: (borrowing Span<UInt8>, Range<Int>) -> Value
  ) {
    var position = options.lowerBound
    var count = 0
    var found = 0
    while position < options.upperBound {
      let end = position + 4 + Int(message.uint16(at: position + 2))
      if message.uint16(at: position) == code {
        found += 1
        data = (position + 4)..<end
      }
      position = end
      count += 1
      guard count <= Self.optionLimit else {
        value = .nothing(.malformed)
        return
      }
    }
    switch found {
    case 0: return
    case 1: value = read(message, data)
    default: value = .nothing(.duplicate)
    }
  }
}

extension Candidate.Value {
  /// 4 or 16 raw octets.
  fileprivate static func clientIP(_ message: borrowing Span<UInt8>, _ data: Range<Int>) -> Self {
    message.address(at: data.lowerBound, count: data.count).map { .address($0) } ?? .nothing(.malformed)
  }

  /// The text of a DNS-1123 label, as Kubernetes names namespaces.
  fileprivate static func namespace(_ message: borrowing Span<UInt8>, _ data: Range<Int>) -> Self {
    guard (1...63).contains(data.count) else { return .nothing(.malformed) }
    for index in data {
      switch message[index] {
      case 0x61...0x7A, 0x30...0x39: continue
      case 0x2D where index != data.lowerBound && index != data.upperBound - 1: continue
      default: return .nothing(.malformed)
      }
    }
    return .namespace(data)
  }

  /// FAMILY 2, SOURCE PREFIX-LENGTH 1, SCOPE PREFIX-LENGTH 1 (zero in a query), ADDRESS, padded with zero bits to
  /// an octet (RFC 7871 §6).
  fileprivate static func clientSubnet(_ message: borrowing Span<UInt8>, _ data: Range<Int>) -> Self {
    guard data.count >= 4 else { return .nothing(.malformed) }
    let family = message.uint16(at: data.lowerBound)
    let prefix = Int(message[data.lowerBound + 2])
    let size = family == 1 ? 4 : 16
    guard family == 1 || family == 2, prefix <= size * 8, message[data.lowerBound + 3] == 0,
      data.count == 4 + (prefix + 7) / 8,
      prefix % 8 == 0 || message[data.upperBound - 1] & (0xFF >> UInt8(prefix % 8)) == 0
    else { return .nothing(.malformed) }
    guard prefix == size * 8, let address = message.address(at: data.lowerBound + 4, count: size) else {
      return .nothing(.tooCoarse)
    }
    return .address(address)
  }
}

extension Snapshot {
  /// How far the sender at `address` may speak for clients, by the rule at `rule`.
  func trust(in address: IPAddress, by rule: Int) -> ForwarderTrust {
    if identities.hasForwarders, let entry = pods.entry(of: address) {
      let trust = identities.trust(in: pods.identity(ofEntry: entry), by: rule)
      if trust.isForwarder { return trust }
    }
    return policy.identityRules[rule].trust(in: address)
  }
}
