import DNSWire
import SteeringPolicy

/// Where a name being answered stands: in the message, and in its zone.
struct Place: ~Copyable {
  /// The offset of the name in the message.
  let owner: Int
  /// The offset of the apex in the message: the name's own tail.
  let apex: Int
  /// How many labels the name has below the apex.
  let depth: Int
  /// The zone's index.
  let zone: Int

  /// The place of a name that stands at `owner` of the message.
  init(_ name: borrowing QuestionName, at owner: Int, _ lookup: ZoneLookup) {
    self.owner = owner
    apex = owner + name.start(ofLabel: lookup.apexLabel)
    depth = lookup.apexLabel
    zone = lookup.zone
  }
}

extension Responder {
  /// Hides a name in the zone's way.
  ///
  /// A name with others below it is NODATA, never NXDOMAIN, which would deny those too (RFC 8020 §2). Where the denial
  /// must not be kept there is no SOA, without which nobody does (RFC 2308 §5).
  func deny(
    hasDescendants: Bool, _ option: CompiledPolicy.OptionKind, _ place: borrowing Place, _ identity: ClientIdentity,
    _ reply: inout Reply, _ writer: inout ResponseWriter, _ response: inout MutableSpan<UInt8>
  ) {
    reply.option = option
    switch snapshot.policy.zones[place.zone].denyAnswer {
    case .refused:
      writer.removeRecords()
      reply.hasData = false
      reply.flags = []
      reply.rcode = .refused
      return
    case .nxdomain:
      if !hasDescendants { reply.rcode = .nonexistentDomain }
    case .nodata: break
    }
    if identity.mayHaveDenialKept { appendSOA(place, &reply, &writer, &response) }
  }

  /// Whether a name is kept from a client of whom nothing is known, as the zone says; answers if so.
  ///
  /// While the pods are not synchronized such a client may be a pod whose event is still to come: SERVFAIL, for no
  /// resolver keeps that as it keeps a denial.
  func hidesFromUnknown(
    _ match: ZoneLookup.Match, _ place: borrowing Place, _ identity: ClientIdentity, _ reply: inout Reply,
    _ writer: inout ResponseWriter, _ response: inout MutableSpan<UInt8>
  ) -> Bool {
    var existing: Int?
    var isDelegated = false
    switch match {
    case .exact(let node), .wildcard(let node): existing = node
    // Below a DNAME names may exist elsewhere, as below a delegation.
    case .delegated, .redirected: isDelegated = true
    case .absent: isDelegated = isBetween(place)
    }
    if let existing, snapshot.policy.nodes[existing].isAlwaysVisible { return false }
    if !snapshot.podsAreSynchronized {
      fail(.notReady, &reply, &writer)
      return true
    }
    switch snapshot.policy.zones[place.zone].unknownClient {
    case .default: return false
    case .servFail: fail(.unknownClient, &reply, &writer)
    case .deny:
      // Below a delegation names may exist, so it is hidden like a name with others below it.
      let hasDescendants = existing.map { snapshot.policy.nodes[$0].hasDescendants } ?? isDelegated
      deny(hasDescendants: hasDescendants, .unknownClient, place, identity, &reply, &writer, &response)
    }
    return true
  }

  /// Whether a name lies between a reverse zone's apex and its addresses.
  ///
  /// Every such name is there, so that none tells of the addresses below it.
  func isBetween(_ place: borrowing Place) -> Bool {
    place.depth < snapshot.policy.zones[place.zone].addressDepth
  }

  /// Whether a client sees nothing of a zone but what every client does.
  func hidesOtherNames(from identity: ClientIdentity, zone: Int) -> Bool {
    identity.isUnknown && (!snapshot.podsAreSynchronized || snapshot.policy.zones[zone].unknownClient != .default)
  }

  private func fail(_ option: CompiledPolicy.OptionKind, _ reply: inout Reply, _ writer: inout ResponseWriter) {
    writer.removeRecords()
    reply.hasData = false
    reply.flags = []
    reply.rcode = .serverFailure
    reply.option = option
  }

  /// Adds the zone's SOA to the authority section, as every denial has it (RFC 2308 §3).
  func appendSOA(
    _ place: borrowing Place, _ reply: inout Reply, _ writer: inout ResponseWriter,
    _ response: inout MutableSpan<UInt8>
  ) {
    // The zone is not copied: it holds references, and counting those costs more than the record.
    append(
      snapshot.policy.zones[place.zone].soa, at: place.apex, ttl: snapshot.policy.zones[place.zone].negativeTTL,
      .authority, &reply, &writer, &response)
  }

  /// Adds an RRset whose owner stands at `owner`; if it does not fit, the answer is truncated.
  ///
  /// `ttl`, in seconds, takes the place of its own.
  func append(
    _ rrset: RRset, at owner: Int, ttl: UInt32? = nil, _ section: ResponseWriter.Section, _ reply: inout Reply,
    _ writer: inout ResponseWriter, _ response: inout MutableSpan<UInt8>
  ) {
    var start = Int(rrset.start)
    let octets = self.octets.span
    for _ in 0..<rrset.count {
      let size = RecordEncoder.size(of: octets, at: start)
      guard writer.append(octets, from: start, count: size, owner: owner, ttl: ttl, section: section, in: &response)
      else {
        reply.flags.insert(.truncated)
        return
      }
      start += size
    }
  }
}
