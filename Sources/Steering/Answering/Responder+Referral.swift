import DNSWire

extension Responder {
  /// Answers for a name at or below a delegation point: the DS there is the parent's, all else is referred.
  func refer(
    _ cut: Int, _ type: RecordType, _ name: borrowing QuestionName, _ place: borrowing Place,
    _ reply: inout Reply, _ writer: inout ResponseWriter, _ response: inout MutableSpan<UInt8>
  ) {
    let owner = place.owner + name.start(ofLabel: cutLabel(cut, name, place))
    if type == .ds, owner == place.owner {
      for index in policy.nodes[cut].rrsets where policy.rrsets[Int(index)].type == .ds {
        append(policy.rrsets[Int(index)], at: owner, .answer, &reply, &writer, &response)
        reply.hasData = true
        return
      }
      appendSOA(place, &reply, &writer, &response)
      return
    }
    if !reply.hasData { reply.flags.remove(.authoritative) }
    reply.isReferral = true
    for index in policy.nodes[cut].rrsets where policy.rrsets[Int(index)].type == .ns {
      let servers = policy.rrsets[Int(index)]
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
      let node = policy.names.find(name, labels: label, to: apexLabel, hash: hash, space: space)
      if node == cut { return label }
    }
    return 0
  }

  /// Adds the addresses that the zone has for name servers; glue that does not fit truncates (RFC 9471 §3.1).
  private func appendGlue(
    _ servers: RRset, _ place: borrowing Place, _ reply: inout Reply, _ writer: inout ResponseWriter,
    _ response: inout MutableSpan<UInt8>
  ) {
    let octets = policy.octets.span
    var target = QuestionName()
    var start = Int(servers.start)
    for _ in 0..<servers.count {
      let size = RecordEncoder.size(of: octets, at: start)
      let server = start + RecordEncoder.headerSize
      start += size
      guard target.read(from: octets, at: server) != nil, let lookup = ZoneLookup(target, in: policy),
        lookup.zone == place.zone, let node = lookup.node(target, in: policy)
      else { continue }
      for index in policy.nodes[node].rrsets {
        let rrset = policy.rrsets[Int(index)]
        guard rrset.type == .a || rrset.type == .aaaa else { continue }
        var glue = Int(rrset.start)
        for _ in 0..<rrset.count {
          let size = RecordEncoder.size(of: octets, at: glue)
          guard
            writer.append(
              octets, from: glue, count: size, ownerOctets: octets.extracting(server..<(server + target.length)),
              section: .additional, in: &response)
          else {
            reply.flags.insert(.truncated)
            return
          }
          glue += size
        }
      }
    }
  }
}
