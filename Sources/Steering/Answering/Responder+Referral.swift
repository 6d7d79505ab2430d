import DNSWire

extension Responder {
  /// Answers for a name at or below a delegation point: the DS there is the parent's, all else is referred.
  mutating func refer(
    _ cut: Int, _ type: RecordType, _ name: borrowing QuestionName, _ place: borrowing Place,
    _ reply: inout Reply, _ writer: inout ResponseWriter, _ response: inout MutableSpan<UInt8>
  ) {
    let owner = place.owner + name.start(ofLabel: cutLabel(cut, name, place))
    if type == .ds, owner == place.owner {
      for index in snapshot.policy.nodes[cut].rrsets where snapshot.policy.rrsets[Int(index)].type == .ds {
        append(snapshot.policy.rrsets[Int(index)], at: owner, .answer, &reply, &writer, &response)
        reply.hasData = true
        return
      }
      appendSOA(place, &reply, &writer, &response)
      return
    }
    if !reply.hasData { reply.flags.remove(.authoritative) }
    reply.isReferral = true
    for index in snapshot.policy.nodes[cut].rrsets where snapshot.policy.rrsets[Int(index)].type == .ns {
      let servers = snapshot.policy.rrsets[Int(index)]
      append(servers, at: owner, .authority, &reply, &writer, &response)
      appendGlue(servers, place, &reply, &writer, &response)
    }
  }

  /// The label of `name` at which the delegation point starts: the highest name with that cut.
  private func cutLabel(_ cut: Int, _ name: borrowing QuestionName, _ place: borrowing Place) -> Int {
    let space = UInt32(place.zone)
    var hash = NameHash.seed(space)
    var label = 0
    while place.owner + name.start(ofLabel: label) < place.apex { label += 1 }
    let apexLabel = label
    while label > 0 {
      label -= 1
      hash = NameHash.adding(label: label, of: name, to: hash)
      let node = snapshot.policy.names.find(name, labels: label, to: apexLabel, hash: hash, space: space)
      if node == cut { return label }
    }
    return 0
  }

  /// Adds the addresses that the zone has for name servers; glue that does not fit truncates (RFC 9471 §3.1).
  private mutating func appendGlue(
    _ servers: RRset, _ place: borrowing Place, _ reply: inout Reply, _ writer: inout ResponseWriter,
    _ response: inout MutableSpan<UInt8>
  ) {
    guard var server = serverName.take() else { return }
    var start = Int(servers.start)
    for _ in 0..<servers.count {
      let owner = start + RecordEncoder.headerSize
      start += RecordEncoder.size(of: octets.span, at: start)
      guard server.read(from: octets.span, at: owner) != nil, let lookup = ZoneLookup(server, in: snapshot),
        lookup.zone == place.zone, let node = lookup.node(server, in: snapshot)
      else { continue }
      for index in snapshot.policy.nodes[node].rrsets {
        let rrset = snapshot.policy.rrsets[Int(index)]
        if rrset.type == .a || rrset.type == .aaaa {
          appendGlue(rrset, owner..<(owner + server.length), &reply, &writer, &response)
        }
      }
    }
    serverName = consume server
  }

  /// Adds an RRset to the additional section; its owner is written out, from `name` of the snapshot's octets.
  private func appendGlue(
    _ rrset: RRset, _ name: Range<Int>, _ reply: inout Reply, _ writer: inout ResponseWriter,
    _ response: inout MutableSpan<UInt8>
  ) {
    let octets = octets.span
    var start = Int(rrset.start)
    for _ in 0..<rrset.count {
      let size = RecordEncoder.size(of: octets, at: start)
      guard
        writer.append(
          octets, from: start, count: size, ownerOctets: octets.extracting(name), section: .additional, in: &response)
      else {
        reply.flags.insert(.truncated)
        return
      }
      start += size
    }
  }
}
