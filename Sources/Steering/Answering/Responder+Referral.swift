import DNSWire

extension Responder {
  /// Answers for a name at or below a delegation point, which stands at `owner` of the message: the DS there is the
  /// parent's, all else is referred.
  func refer(
    _ cut: Int, _ type: RecordType, at owner: Int, _ place: borrowing Place, _ identity: ClientIdentity,
    _ reply: inout Reply, _ writer: inout ResponseWriter, _ response: inout MutableSpan<UInt8>
  ) {
    if type == .ds, owner == place.owner {
      guard let signer = snapshot.rrset(.ds, at: cut) else {
        appendSOA(place, &reply, &writer, &response)
        return
      }
      append(signer, at: owner, .answer, &reply, &writer, &response)
      reply.hasData = true
      return
    }
    if !reply.hasData { reply.flags.remove(.authoritative) }
    reply.isReferral = true
    guard let servers = snapshot.rrset(.ns, at: cut) else { return }
    let start = writer.position
    append(servers, at: owner, .authority, &reply, &writer, &response)
    appendAdditional(servers, at: start, owner: owner, identity, isReferral: true, &reply, &writer, &response)
  }

  /// Adds to an answer what it can do without, as far as the settings want it and there is room: the zone's NS records,
  /// and the addresses of names in the RRset at `index`, which starts at `start` of the message.
  func supplement(
    _ index: UInt32?, at start: Int, _ place: borrowing Place, _ identity: ClientIdentity, _ reply: inout Reply,
    _ writer: inout ResponseWriter, _ response: inout MutableSpan<UInt8>
  ) {
    // A steered answer has nothing to add but the NS records: the usual case ends here.
    // Nor has an answer to whom the other names are hidden: the apex may name them, and no more.
    guard settings.minimalResponses != .yes, !reply.isTruncated, !hidesOtherNames(from: identity, zone: place.zone),
      index != nil || settings.minimalResponses == .no
    else {
      return
    }
    let nameservers = snapshot.policy.zones[place.zone].nameservers
    let authority = writer.position
    var hasAuthority = false
    if settings.minimalResponses == .no, nameservers != Node.none, nameservers != index {
      let rrset = snapshot.policy.rrsets[Int(nameservers)]
      hasAuthority = writer.hasRoom(forRecords: Int(rrset.count), length: Int(rrset.length))
      if hasAuthority { append(rrset, at: place.apex, .authority, &reply, &writer, &response) }
    }
    if let index {
      appendAdditional(
        snapshot.policy.rrsets[Int(index)], at: start, owner: place.owner, identity, &reply, &writer, &response)
    }
    if hasAuthority {
      appendAdditional(
        snapshot.policy.rrsets[Int(nameservers)], at: authority, owner: place.apex, identity, &reply, &writer,
        &response)
    }
  }

  /// Adds the addresses that the zone has for names in an RRset, which starts at `start` of the message.
  ///
  /// What does not fit is left out, but for the addresses that a referral is of no use without: those truncate
  /// (RFC 9471 §2.1).
  private func appendAdditional(
    _ rrset: RRset, at start: Int, owner: Int, _ identity: ClientIdentity, isReferral: Bool = false,
    _ reply: inout Reply, _ writer: inout ResponseWriter, _ response: inout MutableSpan<UInt8>
  ) {
    for index in rrset.additional {
      let name = snapshot.policy.additional[Int(index)]
      let place = name.offset == 0 ? owner : start + Int(name.offset)
      let node = snapshot.policy.nodes[Int(name.node)]
      // What stands too far back no record can point to (RFC 1035 §4.1.4); a message so long can do without.
      guard place < ResponseWriter.pointerLimit else { continue }
      if node.route != Node.none {
        appendSteered(node.route, ttl: node.ttl, at: place, identity, &writer, &response)
        continue
      }
      for index in node.rrsets {
        let found = snapshot.policy.rrsets[Int(index)]
        guard found.type.isAddress || name.isService && found.type == rrset.type else { continue }
        if name.isRequired && isReferral || writer.hasRoom(for: found) {
          append(found, at: place, .additional, &reply, &writer, &response)
        }
      }
    }
  }
}

extension ResponseWriter {
  /// Whether an RRset fits.
  func hasRoom(for rrset: RRset) -> Bool {
    hasRoom(forRecords: Int(rrset.count), length: Int(rrset.length))
  }
}

extension Snapshot {
  /// The RRset of a type at a node; nil if there is none.
  func rrset(_ type: RecordType, at node: Int) -> RRset? {
    for index in policy.nodes[node].rrsets where policy.rrsets[Int(index)].type == type {
      return policy.rrsets[Int(index)]
    }
    return nil
  }
}
