import DNSWire

extension Responder {
  /// Follows a chain of CNAMEs, a DNAME's own among them, from the target that stands at `offset`, within the zones
  /// served here.
  ///
  /// A zone that finds its clients in another way than the one before does so for the rest of the chain. What a key may
  /// see, each zone says for itself.
  mutating func follow(
    _ offset: Int, _ query: borrowing Query, _ message: borrowing Span<UInt8>, _ sender: Sender,
    _ identity: ClientIdentity, _ first: ZoneLookup, _ reply: inout Reply, _ writer: inout ResponseWriter,
    _ response: inout MutableSpan<UInt8>
  ) {
    var identity = identity
    var rule = snapshot.policy.zones[first.zone].identityRule
    guard var target = linkName.take() else { return }
    var next: Int? = offset
    while let offset = next {
      guard target.read(from: response.span, at: offset) != nil, reply.chain.extend(to: target, at: offset, response),
        let lookup = ZoneLookup(target, in: snapshot)
      else { break }
      if snapshot.policy.zones[lookup.zone].identityRule != rule || signature != nil {
        rule = snapshot.policy.zones[lookup.zone].identityRule
        identity = identify(query, message, sender, lookup)
        // The answer is as much this zone's as the first one's: so is whom it holds for, and what the log tells.
        if identity.clientSubnet > 0 { reply.clientSubnet = identity.clientSubnet }
        if logsQueries {
          trace.identity = identity
          trace.zone = lookup.zone
        }
      }
      next = resolve(target, at: offset, query.type, lookup, identity, &reply, &writer, &response)
    }
    linkName = consume target
  }

  /// Answers for a name below a DNAME: the DNAME, and the CNAME that it stands for (RFC 6672 §3.2).
  ///
  /// `prefix` octets of the name lie below the DNAME. Returns where the CNAME's target stands, if it has to be followed.
  mutating func redirect(
    _ node: Int, prefix: Int, _ type: RecordType, _ place: borrowing Place, _ reply: inout Reply,
    _ writer: inout ResponseWriter,
    _ response: inout MutableSpan<UInt8>
  ) -> Int? {
    guard let dname = snapshot.rrset(.dname, at: node) else { return nil }
    if reply.chain.visit(node) {
      append(dname, at: place.owner + prefix, .answer, &reply, &writer, &response)
      if reply.isTruncated { return nil }
    }
    reply.hasData = true
    let count = Int(dname.length) - RecordEncoder.headerSize
    guard prefix + count <= DomainName.maximumLength else {
      reply.rcode = .nameExists
      return nil
    }
    let isWritten = writer.appendSynthesizedCNAME(
      owner: place.owner, prefix: prefix, target: octets.span, from: dname.nameStart, count: count,
      ttl: RecordEncoder.ttl(of: octets.span, at: Int(dname.start)), in: &response)
    guard isWritten else {
      reply.flags.insert(.truncated)
      return nil
    }
    // Who asks for CNAME has it (RFC 6672 §3.2, step 3C of the algorithm).
    return type == .cname || type == .any ? nil : writer.position - prefix - count
  }
}
