import DNSWire
import SteeringPolicy

/// A name of a zone: what stands at it and around it.
///
/// Empty non-terminals are nodes too.
struct Node: Sendable {
  /// "None" among the indexes below.
  static let none = UInt32.max

  /// The RRsets at the name, a range of `Snapshot.rrsets`.
  var rrsets: Range<UInt32> = 0..<0
  /// The route that the name steers to, or none.
  var route = Node.none
  /// The PTR records of an address that routes are answered with, a range of `CompiledPolicy.pointers`.
  var pointers: Range<UInt32> = 0..<0
  /// TTL of the steered answer in seconds.
  var ttl: UInt32 = 0
  /// The `*` child, or none (RFC 4592).
  var wildcard = Node.none
  /// The delegation point at or above the name, or none: below it the zone is not authoritative.
  var cut = Node.none
  /// The uppermost name with a DNAME at or above the name, or none: what lies below it is elsewhere (RFC 6672).
  var redirect = Node.none
  /// How many labels the name has below the apex.
  var depth: UInt8 = 0
  /// Whether names exist below.
  var hasDescendants = false
  /// Whether every client sees the name, whatever is unknown about it: the apex and `_generation`.
  var isAlwaysVisible = false
}

/// An RRset as it goes on the wire, but for the owner.
struct RRset: Sendable {
  /// The type.
  var type: RecordType
  /// How many records there are.
  var count: UInt16
  /// Where in `Snapshot.octets` the first record starts: TYPE, CLASS, TTL, RDLENGTH, RDATA, then the next.
  var start: UInt32
  /// How many octets all of them take.
  var length: UInt32
  /// For steered addresses the range of `Snapshot.shares` that says which record goes first; empty for the rest.
  var shares: Range<UInt32> = 0..<0
  /// The range of `CompiledPolicy.additional` with the names in the records whose addresses belong beside them.
  var additional: Range<UInt32> = 0..<0
}

extension RRset {
  /// Where in `Snapshot.octets` the name starts that the first record's RDATA starts with.
  var nameStart: Int { Int(start) + RecordEncoder.headerSize }
}

/// A name in the records of an RRset that the zone has addresses for.
struct AdditionalName: Sendable {
  /// Where the name stands, counted from the start of the RRset in a message; 0 is the owner itself.
  ///
  /// Each record starts with a pointer of two octets to the owner.
  var offset: UInt16
  /// The node with the addresses: the name's own, or that of the wildcard that covers it.
  var node: UInt32
  /// Whether the name's records of the RRset's own type belong beside it too: a service's (RFC 9460 §4.1).
  var isService: Bool
  /// Whether a referral is of no use without the addresses: the name lies below the delegation (RFC 9471 §2.1).
  var isRequired: Bool
}

/// A PTR record: seen by who is answered with a variant of a route.
struct PointerRecord: Sendable {
  var route: UInt32
  var variant: UInt32
  var record: Piece
}

/// A piece of `Snapshot.octets`.
struct Piece: Sendable {
  var start: UInt32 = 0
  var length: UInt32 = 0
}

/// A zone of the snapshot.
struct Zone: Sendable {
  /// The apex, as configured.
  var apex: DomainName
  /// The apex's node.
  var apexNode: UInt32
  /// The SOA as sent in negative answers.
  var soa: RRset
  /// The NS records at the apex; none if it has none.
  var nameservers: UInt32
  /// TTL of the SOA in negative answers, in seconds (RFC 2308 §5).
  var negativeTTL: UInt32
  /// How many labels below the apex an address has in a reverse zone; 0 in every other.
  var addressDepth: Int
  /// What a hidden name is answered with.
  var denyAnswer: SteeringZone.DenyAnswer
  /// TTL of steered answers in seconds, unless the route has its own.
  var ttl: UInt32
  /// How its clients are found: the rule's index.
  var identityRule: Int
  /// What becomes of a client without a known identity.
  var unknownClient: SteeringZone.UnknownClient
  /// Other apexes with the same names.
  var aliases: [DomainName] = []
  /// Who may have it as a whole.
  var transfers: [TransferGrant] = []
}

/// The addresses that a route is answered with in one view or several.
struct AnswerVariant: Sendable {
  /// The index of the A RRset in `Snapshot.rrsets`, or none.
  var a = Node.none
  /// The index of the AAAA RRset, or none.
  var aaaa = Node.none
}
