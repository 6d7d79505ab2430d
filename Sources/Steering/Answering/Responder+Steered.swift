import DNSWire
import SteeringPolicy

extension Responder {
  /// Answers a steered name as the client's view has it.
  mutating func steer(
    _ route: UInt32, _ node: Int, _ type: RecordType, _ place: borrowing Place, _ identity: ClientIdentity,
    _ reply: inout Reply, _ writer: inout ResponseWriter, _ response: inout MutableSpan<UInt8>
  ) {
    let hasDescendants = snapshot.policy.nodes[node].hasDescendants
    let view = snapshot.policy.classViews[Int(identity.clientClass)]
    if logsQueries { trace.route = route }
    switch snapshot.policy.views.outcome(
      view: view, route: route, ownVariant: snapshot.policy.ownVariants[Int(route)])
    {
    case .blocked:
      if logsQueries { trace.reason = .deniedByRule }
      counters.add(.blocked)
      deny(hasDescendants: hasDescendants, .blocked, place, identity, &reply, &writer, &response)
    case .prohibited:
      if logsQueries { trace.reason = .noRule }
      counters.add(.prohibited)
      deny(hasDescendants: hasDescendants, .prohibited, place, identity, &reply, &writer, &response)
    case .allow(let variant, let wouldDeny):
      if logsQueries { trace.reason = wouldDeny ? .reportMode : .allowed }
      counters.add(.allowed)
      if wouldDeny {
        counters.add(.enforceWouldDeny)
        report = Report(client: identity.address, route: snapshot.policy.routes[Int(route)].name)
      }
      let answer = snapshot.policy.variants[Int(variant)]
      let index: UInt32
      switch type {
      case .a: index = answer.a
      case .aaaa: index = answer.aaaa
      case .any: index = answer.a == Node.none ? answer.aaaa : answer.a
      default: index = Node.none
      }
      if index == Node.none {
        appendSOA(place, &reply, &writer, &response)
      } else {
        appendShared(
          snapshot.policy.rrsets[Int(index)], ttl: snapshot.policy.nodes[node].ttl, place, &reply, &writer, &response)
        supplement(nil, at: writer.position, place, identity, &reply, &writer, &response)
        if logsQueries { trace.hasAddresses = !reply.isTruncated }
        if let askers {
          let port = snapshot.policy.routes[Int(route)].listenerPort
          askers.record(asker(of: identity), listenerPort: port, at: AskerTable.seconds())
        }
        if recentAnswers != nil, identity.isAddressKnown {
          steered = (identity.address, snapshot.policy.routes[Int(route)].listenerPort)
        }
      }
    }
  }

  /// As whom a client is noted that asked.
  private func asker(of identity: ClientIdentity) -> AskerKey {
    switch identity.kind {
    case .pod(let entry): snapshot.identities.askers[snapshot.pods.identity(ofEntry: entry)]
    case .namespace(let entry): snapshot.policy.namespaces.askers[entry]
    case .block: .block
    case .node: .node
    case .key: .key
    case .unknown: .unknown
    }
  }

  /// Adds a steered RRset; where several records share the answers, one drawn by share goes first.
  private mutating func appendShared(
    _ rrset: RRset, ttl: UInt32, _ place: borrowing Place, _ reply: inout Reply,
    _ writer: inout ResponseWriter, _ response: inout MutableSpan<UInt8>
  ) {
    let count = Int(rrset.count)
    var record = 0
    if !rrset.shares.isEmpty {
      let drawn = nextRandom()
      let shares = snapshot.policy.shares[Int(rrset.shares.lowerBound)..<Int(rrset.shares.upperBound)]
      record = (shares.firstIndex { $0 >= drawn } ?? shares.startIndex) - shares.startIndex
    }
    // Records of one address family are of one size.
    let size = Int(rrset.length) / max(count, 1)
    for _ in 0..<count {
      let start = Int(rrset.start) + record * size
      guard
        writer.append(
          octets.span, from: start, count: size, owner: place.owner, ttl: ttl,
          section: .answer, in: &response)
      else {
        reply.flags.insert(.truncated)
        return
      }
      record = record + 1 == count ? 0 : record + 1
    }
    reply.hasData = true
  }

  /// Adds the addresses of a route, if the client may see them and there is room.
  func appendSteered(
    _ route: UInt32, ttl: UInt32, at owner: Int, _ identity: ClientIdentity, _ writer: inout ResponseWriter,
    _ response: inout MutableSpan<UInt8>
  ) {
    let outcome = snapshot.policy.views.outcome(
      view: snapshot.policy.classViews[Int(identity.clientClass)], route: route,
      ownVariant: snapshot.policy.ownVariants[Int(route)])
    guard case .allow(let variant, _) = outcome else { return }
    let answer = snapshot.policy.variants[Int(variant)]
    appendSteered(answer.a, ttl: ttl, at: owner, &writer, &response)
    appendSteered(answer.aaaa, ttl: ttl, at: owner, &writer, &response)
  }

  private func appendSteered(
    _ index: UInt32, ttl: UInt32, at owner: Int, _ writer: inout ResponseWriter, _ response: inout MutableSpan<UInt8>
  ) {
    guard index != Node.none else { return }
    let rrset = snapshot.policy.rrsets[Int(index)]
    guard writer.hasRoom(for: rrset) else { return }
    var start = Int(rrset.start)
    for _ in 0..<rrset.count {
      let size = RecordEncoder.size(of: octets.span, at: start)
      _ = writer.append(
        octets.span, from: start, count: size, owner: owner, ttl: ttl, section: .additional, in: &response)
      start += size
    }
  }
}
