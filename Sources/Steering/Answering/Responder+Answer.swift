import DNSWire
import SteeringPolicy

extension Responder {
  /// The stages of an answer: what may be asked, which zone, who asks, then the name and what it leads to.
  mutating func answer(
    _ query: borrowing Query, _ message: borrowing Span<UInt8>, _ sender: Sender, _ transport: Transport,
    _ reply: inout Reply, _ writer: inout ResponseWriter, _ response: inout MutableSpan<UInt8>
  ) {
    guard isAnswerable(query, over: transport, &reply) else { return }
    if query.recordClass == .chaos {
      answerServerName(query, &reply, &writer, &response)
      return
    }
    if query.type == .axfr || query.type == .ixfr {
      answerTransfer(query, message, sender, transport, &reply, &writer, &response)
      return
    }
    let parent = query.type == .ds ? ZoneLookup(query.name, in: snapshot, aboveApex: true) : nil
    guard let lookup = parent ?? ZoneLookup(query.name, in: snapshot) else {
      reply.rcode = .refused
      reply.option = .notAuthoritative
      return
    }
    let identity = identify(query, message, sender, lookup)
    count(identity, zone: lookup.zone)
    if logsQueries {
      trace.identity = identity
      trace.zone = lookup.zone
    }
    reply.clientSubnet = identity.clientSubnet
    if query.name.asksForExplanation(lookup, in: snapshot) {
      explain(query, message, sender, lookup, identity, &reply, &writer, &response)
      return
    }
    if query.name.isCanary(lookup, in: snapshot) {
      answerCanary(query, message, sender, transport, lookup, identity, &reply, &writer, &response)
      return
    }
    if query.name.isPaddedCanary(lookup), transport == .udp, identity.isUnknown, !identity.isForwarded,
      !reply.hasValidCookie
    {
      // Nobody knows that whoever asks is there: a long answer could be what a forged source is to be flooded with.
      reply.flags = [.authoritative, .truncated]
      return
    }
    // Other classes may have data that is not here (RFC 1035 §6.2).
    reply.flags = query.recordClass == .any ? [] : .authoritative
    let next = resolve(
      query.name, at: ResponseWriter.questionNameOffset, query.type, lookup, identity, &reply, &writer, &response)
    if let next { follow(next, query, message, sender, identity, lookup, &reply, &writer, &response) }
  }

  /// Who asks, by the rule of the zone that is asked for.
  func identify(
    _ query: borrowing Query, _ message: borrowing Span<UInt8>, _ sender: Sender, _ lookup: ZoneLookup
  ) -> ClientIdentity {
    if let assumedIdentity { return assumedIdentity }
    if let key = signature?.acceptedKey { return identifySigner(key, sender, lookup) }
    return ClientIdentifier.identify(
      sender, options: query.edns?.options ?? 0..<0, of: message, by: snapshot.policy.zones[lookup.zone].identityRule,
      in: snapshot)
  }

  /// Counts a client that is not known, and why.
  private func count(_ identity: ClientIdentity, zone: Int) {
    if identity.isUnknown { counters.add(.unknownClient) }
    // One test for the usual case: the client is named by the first source, and nothing was passed over.
    let rule = snapshot.policy.zones[zone].identityRule
    for place in 0..<snapshot.policy.identityRules[rule].sources.count {
      if let counter = identity.candidates[place].counter { counters.add(counter) }
    }
    if let counter = identity.listener.counter { counters.add(counter) }
    if identity.isForwarded, identity.isUnknown, identity.hasNoCandidate { counters.add(.identityAbsent) }
  }

  /// Whether the question is one that a zone can answer; sets the rcode if not.
  private func isAnswerable(_ query: borrowing Query, over transport: Transport, _ reply: inout Reply) -> Bool {
    if let edns = query.edns, edns.version != 0 {
      reply.rcode = .badVersion
    } else if let edns = query.edns, edns.hasInvalidOption || edns.hasKeepaliveTime && transport == .tcp {
      reply.rcode = .formatError
    } else if query.recordClass != .internet && query.recordClass != .chaos && query.recordClass != .any {
      reply.rcode = .refused
    } else {
      switch query.type {
      case .opt, .tsig, .tkey: reply.rcode = .formatError
      case .maila, .mailb: reply.rcode = .notImplemented
      default: return true
      }
    }
    return false
  }

  /// Answers for one name, whose text stands at `owner`; returns where a CNAME's target stands if it leads on.
  mutating func resolve(
    _ name: borrowing QuestionName, at owner: Int, _ type: RecordType, _ lookup: ZoneLookup,
    _ identity: ClientIdentity, _ reply: inout Reply, _ writer: inout ResponseWriter,
    _ response: inout MutableSpan<UInt8>
  ) -> Int? {
    let place = Place(name, at: owner, lookup)
    let match = lookup.find(name, in: snapshot)
    if identity.isUnknown, hidesFromUnknown(match, place, identity, &reply, &writer, &response) { return nil }
    switch match {
    case .exact(let node), .wildcard(let node):
      let route = snapshot.policy.nodes[node].route
      // The apex of one address's zone has SOA and NS beside its PTR.
      if !snapshot.policy.nodes[node].pointers.isEmpty,
        type == .ptr || snapshot.policy.nodes[node].rrsets.isEmpty
      {
        point(node, type, place, identity, &reply, &writer, &response)
        return nil
      }
      if route != Node.none {
        steer(route, node, type, place, identity, &reply, &writer, &response)
        return nil
      }
      return answer(node, type, place, identity, &reply, &writer, &response)
    case .delegated(let cut):
      refer(
        cut, type, at: place.owner + name.start(ofLabel: lookup.label(of: cut, in: snapshot)), place, identity,
        &reply, &writer, &response)
    case .redirected(let node):
      return redirect(
        node, prefix: name.start(ofLabel: lookup.label(of: node, in: snapshot)), type, place, &reply, &writer,
        &response)
    case .absent:
      if !isBetween(place) { reply.rcode = .nonexistentDomain }
      appendSOA(place, &reply, &writer, &response)
    }
    return nil
  }

  /// Answers from the records at a node; returns where a CNAME's target stands if it has to be followed.
  private mutating func answer(
    _ node: Int, _ type: RecordType, _ place: borrowing Place, _ identity: ClientIdentity, _ reply: inout Reply,
    _ writer: inout ResponseWriter, _ response: inout MutableSpan<UInt8>
  ) -> Int? {
    var alias: RRset?
    for index in snapshot.policy.nodes[node].rrsets {
      let rrset = snapshot.policy.rrsets[Int(index)]
      // ANY is answered with one RRset, whichever comes first (RFC 8482 §4.1).
      if rrset.type == type || type == .any {
        reply.hasData = true
        // A DNAME that led here is in the answer already (RFC 2181 §5).
        if rrset.type == .dname, !reply.chain.visit(node) { return nil }
        let start = writer.position
        append(rrset, at: place.owner, .answer, &reply, &writer, &response)
        supplement(index, at: start, place, identity, &reply, &writer, &response)
        return nil
      }
      if rrset.type == .cname { alias = rrset }
    }
    guard let alias else {
      appendSOA(place, &reply, &writer, &response)
      return nil
    }
    append(alias, at: place.owner, .answer, &reply, &writer, &response)
    reply.hasData = true
    // The CNAME is the last record written, and its RDATA ends with it.
    return reply.isTruncated ? nil : writer.position - Int(alias.length) + RecordEncoder.headerSize
  }
}
