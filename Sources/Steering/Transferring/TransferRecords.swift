import DNSWire

/// The records of a zone as one view sees them, one by one: the SOA, then all others, then the SOA again (RFC 5936 §2.2).
///
/// Steered names have their addresses and addresses their names, as far as the view has them; the others are left out. Records below a delegation point are among them (RFC 5936 §3.5).
struct TransferRecords {
  /// A record: a piece of the snapshot's octets, from TYPE on.
  struct Record {
    var start: Int
    var size: Int
    /// The TTL in seconds that takes the place of its own.
    var ttl: UInt32?
  }

  private let snapshot: Snapshot
  private let octets: [UInt8]
  private let zone: Int
  private let clientClass: UInt32
  private let end: Int
  /// The node that the records are of.
  private var node: Int
  /// The records of that node, and which of them is next.
  private var records: [Record] = []
  private var next = 0
  private var isLast = false
  /// The owner of the next record relative to the apex, in wire format without the root.
  private(set) var labels: [UInt8] = []

  /// The records of a zone as a class of clients sees them.
  init(of zone: Int, for clientClass: UInt32, in snapshot: Snapshot) {
    self.snapshot = snapshot
    octets = snapshot.policy.octets
    self.zone = zone
    self.clientClass = clientClass
    let zones = snapshot.policy.zones
    node = Int(zones[zone].apexNode)
    end = zone + 1 < zones.count ? Int(zones[zone + 1].apexNode) : snapshot.policy.nodes.count
    add(zones[zone].soa)
    gather()
  }

  /// The next record; nil if there is none.
  var current: Record? { next < records.count ? records[next] : nil }

  /// Goes on to the record after the next.
  mutating func advance() {
    next += 1
    guard next == records.count, !isLast else { return }
    next = 0
    records.removeAll(keepingCapacity: true)
    while records.isEmpty {
      node += 1
      guard node < end else {
        isLast = true
        labels = []
        add(snapshot.policy.zones[zone].soa)
        return
      }
      gather()
    }
  }

  /// Gathers what the view sees at the node.
  private mutating func gather() {
    labels = Array(snapshot.policy.names.labels(at: node))
    guard !isPadding else { return }
    let here = snapshot.policy.nodes[node]
    for index in here.rrsets where snapshot.policy.rrsets[Int(index)].type != .soa {
      add(snapshot.policy.rrsets[Int(index)])
    }
    for index in here.pointers {
      let pointer = snapshot.policy.pointers[Int(index)]
      if case .allow(pointer.variant, _) = snapshot.outcome(for: clientClass, route: pointer.route) {
        records.append(Record(start: Int(pointer.record.start), size: Int(pointer.record.length)))
      }
    }
    guard here.route != Node.none else { return }
    if case .allow(let variant, _) = snapshot.outcome(for: clientClass, route: here.route) {
      let answer = snapshot.policy.variants[Int(variant)]
      for index in [answer.a, answer.aaaa] where index != Node.none {
        add(snapshot.policy.rrsets[Int(index)], ttl: here.ttl)
      }
    }
    if records.isEmpty, isBelowWildcard {
      let placeholder = snapshot.policy.placeholder
      records.append(Record(start: Int(placeholder.start), size: Int(placeholder.length), ttl: here.ttl))
    }
  }

  private mutating func add(_ rrset: RRset, ttl: UInt32? = nil) {
    var start = Int(rrset.start)
    for _ in 0..<rrset.count {
      let size = RecordEncoder.size(of: octets.span, at: start)
      records.append(Record(start: start, size: size, ttl: ttl))
      start += size
    }
  }

  /// Whether the node lies below `_canary`, whose answers say something of this server alone.
  private var isPadding: Bool {
    let label = [UInt8(ReservedLabel.canary.count)] + ReservedLabel.canary
    return labels.suffix(label.count).elementsEqual(label)
  }

  /// Whether a wildcard of the zone would answer for the node's name, were it left out.
  ///
  /// Names between the two may be there only for what is left out too, so every wildcard above counts.
  private var isBelowWildcard: Bool {
    var rest = labels[...]
    while let length = rest.first {
      rest = rest.dropFirst(Int(length) + 1)
      let space = UInt32(zone)
      if let above = snapshot.policy.names.find(rest, space: space),
        snapshot.policy.nodes[above].wildcard != Node.none
      {
        return true
      }
    }
    return false
  }
}
