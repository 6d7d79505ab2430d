import DNSWire

extension Responder {
  /// Answers for an address of a reverse zone: PTR records to the names that the client is answered with it for.
  ///
  /// If there is none, the address is hidden as those names are.
  mutating func point(
    _ node: Int, _ type: RecordType, _ place: borrowing Place, _ identity: ClientIdentity, _ reply: inout Reply,
    _ writer: inout ResponseWriter, _ response: inout MutableSpan<UInt8>
  ) {
    let view = snapshot.policy.classViews[Int(identity.clientClass)]
    var isVisible = false
    var isBlocked = false
    var isAnswered = false
    for index in snapshot.policy.nodes[node].pointers {
      let pointer = snapshot.policy.pointers[Int(index)]
      if logsQueries { trace.route = pointer.route }
      let outcome = snapshot.policy.views.outcome(
        view: view, route: pointer.route, ownVariant: snapshot.policy.ownVariants[Int(pointer.route)])
      switch outcome {
      case .allow(pointer.variant, _):
        isVisible = true
        guard type == .ptr || type == .any else { continue }
        let isWritten = writer.append(
          octets.span, from: Int(pointer.record.start), count: Int(pointer.record.length), owner: place.owner,
          section: .answer, in: &response)
        guard isWritten else {
          reply.flags.insert(.truncated)
          return
        }
        isAnswered = true
      case .blocked: isBlocked = true
      case .allow, .prohibited: break
      }
    }
    if isVisible {
      counters.add(.allowed)
      if isAnswered { reply.hasData = true } else { appendSOA(place, &reply, &writer, &response) }
    } else {
      counters.add(isBlocked ? .blocked : .prohibited)
      deny(
        hasDescendants: snapshot.policy.nodes[node].hasDescendants, isBlocked ? .blocked : .prohibited, place,
        identity,
        &reply, &writer, &response)
    }
  }
}
