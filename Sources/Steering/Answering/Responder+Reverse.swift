import DNSWire

extension Responder {
  /// Answers for an address of a reverse zone: PTR records to the names that the client is answered with it for.
  ///
  /// If there is none, the address is answered like one that nobody has: not even its being there is told, for whoever
  /// knows an address can dial it.
  mutating func point(
    _ node: Int, _ type: RecordType, _ place: borrowing Place, _ identity: ClientIdentity, _ reply: inout Reply,
    _ writer: inout ResponseWriter, _ response: inout MutableSpan<UInt8>
  ) {
    guard snapshot.pointsBack(at: node, for: identity) else {
      // The apex is there for every client.
      if snapshot.policy.nodes[node].rrsets.isEmpty { reply.rcode = .nonexistentDomain }
      appendSOA(place, &reply, &writer, &response)
      return
    }
    counters.add(.allowed)
    if logsQueries { trace.route = snapshot.route(at: node, for: identity) }
    guard type == .ptr || type == .any else {
      appendSOA(place, &reply, &writer, &response)
      return
    }
    for index in snapshot.policy.nodes[node].pointers where snapshot.isSeen(index, by: identity) {
      let record = snapshot.policy.pointers[Int(index)].record
      let isWritten = writer.append(
        octets.span, from: Int(record.start), count: Int(record.length), owner: place.owner, section: .answer,
        in: &response)
      guard isWritten else {
        reply.flags.insert(.truncated)
        return
      }
      reply.hasData = true
    }
  }
}
