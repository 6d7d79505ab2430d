import DNSWire

/// Who asks, as far as it is known, and how that was found.
struct ClientIdentity: Sendable {
  /// What is known of the client.
  enum Kind: Equatable, Sendable {
    /// The address is a pod's; the entry of the pod index.
    case pod(entry: Int)
    /// The client is in a namespace; its entry among the namespaces.
    case namespace(entry: Int)
    /// The address lies in a block that a policy names.
    case block
    /// The address is a node's, which the pods on its host network share: it has no namespace.
    case node
    /// The client signed its query with a key, for which a view was named.
    case key
    /// Nothing is known of the client.
    case unknown

    /// The word for people and programs.
    var word: String {
      switch self {
      case .pod: "pod"
      case .namespace: "namespace"
      case .block: "address block"
      case .node: "node"
      case .key: "key"
      case .unknown: "unknown"
      }
    }
  }

  /// The client's address; the sender's own where no other is known.
  var address: IPAddress
  /// Whether the address is the client's.
  var isAddressKnown = false
  /// What is known.
  var kind = Kind.unknown
  /// The class of clients that the policies know it as.
  var clientClass = CompiledPolicy.defaultClass
  /// The source that named the client, by its place in the zone's rule; `listener` or `none` below.
  var source = Self.none
  /// Whether the packet's sender may speak for others.
  var isForwarded = false
  /// What became of each source of the rule, in order.
  var candidates = CandidateResults()
  /// What became of the view that the listener is bound to, if it is bound to one.
  var listener = CandidateResult.absent
  /// Where the Client Subnet option stands that was looked at, or 0: the reply must carry its scope.
  var clientSubnet = 0

  /// `source` of a client that no source named.
  static let none = -1
  /// `source` of a client that the listener stands for.
  static let listener = -2
  /// `source` of a client that its signature names.
  static let signature = -3

  /// Lets another source name the client, with which the one that did agrees.
  mutating func yield() {
    if source == Self.listener { listener = .agrees } else { candidates[source] = .agrees }
  }

  /// Whether no source had anything to say.
  var hasNoCandidate: Bool { source == Self.none && candidates.areWithoutFault }

  /// Whether nothing is known that a policy could decide by.
  var isUnknown: Bool { kind == .unknown || kind == .node }

  /// Whether a denial to the client may be kept by a resolver.
  ///
  /// Not of a client of whom nothing is known: it may turn out to be a pod whose query overtook the news of it. Not of
  /// one that Client Subnet names: a resolver may keep a denial for all clients, whatever its scope (RFC 7871 §7.4).
  var mayHaveDenialKept: Bool { kind != .unknown && clientSubnet == 0 }
}

/// What became of one source of identity.
enum CandidateResult: UInt8, Sendable {
  /// The query has nothing of the kind.
  case absent
  /// It named the client.
  case used
  /// It names the client that another source named.
  case agrees
  /// It is there, but whoever sent it may not speak for others.
  case untrusted
  /// It is there more than once.
  case duplicate
  /// It cannot be read.
  case malformed
  /// It names a network, not a client.
  case tooCoarse
  /// It names another client than an earlier source.
  case conflicting
  /// It is the address of a forwarder, which says nothing of the client.
  case forwarder
  /// It can be read, but no pod, namespace or block is known by it.
  case unknown
  /// It would have named the client, but another source is at fault.
  case overruled

  /// The word for people and programs.
  var word: StaticString {
    switch self {
    case .absent: "absent"
    case .used: "used"
    case .agrees: "agrees"
    case .untrusted: "untrusted"
    case .duplicate: "duplicate"
    case .malformed: "malformed"
    case .tooCoarse: "too-coarse"
    case .conflicting: "conflicting"
    case .forwarder: "forwarder"
    case .unknown: "unknown"
    case .overruled: "overruled"
    }
  }

  /// What the result is counted as; nil if it is as it should be.
  var counter: Counters.Kind? {
    switch self {
    case .absent, .used, .agrees, .forwarder, .overruled: nil
    case .untrusted: .identityUntrusted
    case .duplicate: .identityDuplicate
    case .malformed: .identityMalformed
    case .tooCoarse: .identityTooCoarse
    case .conflicting: .identityConflicting
    case .unknown: .identityUnknown
    }
  }
}

/// The results of up to eight sources, in one word.
struct CandidateResults: Sendable {
  private var packed: UInt64 = 0

  /// Says of what named the client that it does not.
  mutating func overrule() {
    for place in 0..<8 where self[place] == .used || self[place] == .agrees { self[place] = .overruled }
  }

  /// Whether every source is absent, or the forwarder's own address.
  var areWithoutFault: Bool {
    for place in 0..<8 where self[place] != .absent && self[place] != .forwarder { return false }
    return true
  }

  /// The result of the source at a place; `absent` until it is set.
  subscript(place: Int) -> CandidateResult {
    get { CandidateResult(rawValue: UInt8(truncatingIfNeeded: packed >> UInt64(place * 8))) ?? .absent }
    set {
      let shift = UInt64(place * 8)
      packed = packed & ~(0xFF << shift) | UInt64(newValue.rawValue) << shift
    }
  }
}
