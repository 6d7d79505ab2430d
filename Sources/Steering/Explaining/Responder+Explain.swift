import DNSWire

extension QuestionName {
  /// Whether the name asks for an explanation of another; below a delegation or a DNAME that is not ours to give.
  ///
  /// `_explain` stands before that name, or between it and the apex: there no name is above that may not exist, so that
  /// a resolver asks even if it takes a denial for all that lies below (RFC 8020 §2).
  func asksForExplanation(_ lookup: ZoneLookup, in snapshot: Snapshot) -> Bool {
    guard lookup.apexLabel > 0, explainLabel(lookup) != nil else { return false }
    return switch lookup.find(self, in: snapshot) {
    case .delegated, .redirected: false
    case .exact, .wildcard, .absent: true
    }
  }
}

extension QuestionName {
  /// Where the label stands that asks for an explanation; nil if there is none.
  fileprivate func explainLabel(_ lookup: ZoneLookup) -> Int? {
    if hasLabel(ReservedLabel.explain, at: 0) { return 0 }
    return hasLabel(ReservedLabel.explain, at: lookup.apexLabel - 1) ? lookup.apexLabel - 1 : nil
  }
}

extension Responder {
  /// Answers `_explain.NAME TXT` and `NAME-IN-ZONE._explain.ZONE TXT`: the asker's own identity, view and rule for NAME, and nothing of anyone else's.
  mutating func explain(
    _ query: borrowing Query, _ message: borrowing Span<UInt8>, _ sender: Sender, _ lookup: ZoneLookup,
    _ identity: ClientIdentity, _ reply: inout Reply, _ writer: inout ResponseWriter,
    _ response: inout MutableSpan<UInt8>
  ) {
    reply.flags = .authoritative
    guard query.type == .txt || query.type == .any else {
      appendSOA(Place(query.name, at: ResponseWriter.questionNameOffset, lookup), &reply, &writer, &response)
      return
    }
    guard var name = linkName.take() else { return }
    let label = query.name.explainLabel(lookup) ?? 0
    name.read(labelsFrom: label == 0 ? 1 : 0, of: query.name)
    if label > 0 {
      let apex = ResponseWriter.questionNameOffset + query.name.start(ofLabel: lookup.apexLabel)
      _ = name.substitute(labelsFrom: label, by: message, at: apex)
    }
    var text = TextRecord()
    snapshot.describe(identity, zone: lookup.zone, in: &text)
    snapshot.describeCandidates(identity, query, message, sender, zone: lookup.zone, in: &text)
    describe(&name, query, message, sender, lookup, identity, in: &text)
    linkName = consume name
    answer(with: text, &reply, &writer, &response)
  }

  /// Ends a text with the generation, and answers with it.
  func answer(
    with text: consuming TextRecord, _ reply: inout Reply, _ writer: inout ResponseWriter,
    _ response: inout MutableSpan<UInt8>
  ) {
    text.begin("generation")
    text.append(snapshot.generation.serial)
    text.append(octet: 0x2F)
    text.append(snapshot.generation.digest, prefix: 16)
    let owner = ResponseWriter.questionNameOffset
    if writer.append(
      text.octets.span, from: 0, count: text.count, owner: owner, section: .answer, in: &response)
    {
      reply.hasData = true
    } else {
      reply.flags.insert(.truncated)
    }
  }

  /// Describes what stands at a name, or at the end of the CNAMEs that start there.
  ///
  /// Who asks is told again where a zone finds its clients in another way than the one before.
  private func describe(
    _ name: inout QuestionName, _ query: borrowing Query, _ message: borrowing Span<UInt8>, _ sender: Sender,
    _ first: ZoneLookup, _ identity: ClientIdentity, in text: inout TextRecord
  ) {
    var links = AliasChain()
    var identity = identity
    var rule = snapshot.policy.zones[first.zone].identityRule
    var zone = first.zone
    while let lookup = ZoneLookup(name, in: snapshot) {
      // A key holds for the zones whose rules have it.
      if snapshot.policy.zones[lookup.zone].identityRule != rule || signature != nil && lookup.zone != zone {
        rule = snapshot.policy.zones[lookup.zone].identityRule
        identity = identify(query, message, sender, lookup)
        snapshot.describe(identity, zone: lookup.zone, in: &text)
      }
      zone = lookup.zone
      let match = lookup.find(name, in: snapshot)
      if identity.isUnknown, let refusal = snapshot.refusalOfUnknown(zone: lookup.zone, match) {
        text.add("decision", "Deny, ")
        text.append(refusal)
        return
      }
      switch match {
      case .absent: text.add("decision", "no such name")
      case .delegated: text.add("decision", "delegated")
      case .redirected(let node):
        if let dname = snapshot.rrset(.dname, at: node), links.visit(node),
          name.substitute(labelsFrom: lookup.label(of: node, in: snapshot), by: octets.span, at: dname.nameStart)
        {
          text.begin("dname")
          text.append(name)
          continue
        }
        text.add("decision", "static, the same for every client")
      case .exact(let node), .wildcard(let node):
        // A reverse name that is hidden is one that does not exist: whoever may not see it is not told the address.
        let here = snapshot.policy.nodes[node]
        let isBetween = snapshot.policy.zones[zone].addressDepth > 0 && here.pointers.isEmpty && here.rrsets.isEmpty
        guard !isBetween, snapshot.pointsBack(at: node, for: identity) else {
          text.add("decision", "no such name")
          return
        }
        let route = snapshot.route(at: node, for: identity)
        if route != Node.none {
          describe(route: route, identity, in: &text)
        } else if let alias = snapshot.rrset(.cname, at: node), links.visit(node),
          name.read(from: octets.span, at: alias.nameStart) != nil
        {
          text.begin("cname")
          text.append(name)
          continue
        } else {
          text.add("decision", "static, the same for every client")
        }
      }
      return
    }
    text.add("decision", "not served here")
  }

  private func describe(route: UInt32, _ identity: ClientIdentity, in text: inout TextRecord) {
    text.add("route", snapshot.policy.routes[Int(route)].name)
    let decision = snapshot.policy.rules.decide(
      class: identity.clientClass, route: route, ownVariant: snapshot.policy.ownVariants[Int(route)])
    switch decision.outcome {
    case .allow(_, let wouldDeny): text.add("decision", wouldDeny ? "Allow, in Report mode only" : "Allow")
    case .blocked: text.add("decision", "Deny")
    case .prohibited: text.add("decision", "Deny, no rule allows it")
    }
    describe("rule", decision.rule, in: &text)
    describe("tiedRule", decision.tiedRule, in: &text)
    describe("wouldDeny", decision.reportedRule, in: &text)
  }

  private func describe(_ key: StaticString, _ rule: UInt32?, in text: inout TextRecord) {
    guard let rule else { return }
    let entry = snapshot.policy.rules.rules[Int(rule)]
    let policy = snapshot.policy.rules.policies[Int(entry.policy)]
    text.begin(key)
    text.append(policy.name)
    text.append(octet: 0x2F)
    text.append(entry.name)
    text.append(", priority ")
    text.append(policy.priority)
  }
}

extension Snapshot {
  /// The route that a name steers to, or of an address the one whose PTR record the client sees, else the first; or none.
  func route(at node: Int, for identity: ClientIdentity) -> UInt32 {
    let pointers = policy.nodes[node].pointers
    guard let index = pointers.first(where: { isSeen($0, by: identity) }) ?? pointers.first else {
      return policy.nodes[node].route
    }
    return policy.pointers[Int(index)].route
  }

  /// Whether a client sees a PTR record at an address; true at every other name.
  func pointsBack(at node: Int, for identity: ClientIdentity) -> Bool {
    let pointers = policy.nodes[node].pointers
    return pointers.isEmpty || pointers.contains { isSeen($0, by: identity) }
  }

  /// Whether a client sees a PTR record: it is answered with the address that this is of.
  func isSeen(_ index: UInt32, by identity: ClientIdentity) -> Bool {
    let pointer = policy.pointers[Int(index)]
    guard case .allow(pointer.variant, _) = outcome(for: identity.clientClass, route: pointer.route) else {
      return false
    }
    return true
  }

  /// Why a client of whom nothing is known is kept from a name, whatever stands there; nil if it is not.
  func refusalOfUnknown(zone: Int, _ match: ZoneLookup.Match) -> StaticString? {
    switch match {
    case .exact(let node), .wildcard(let node):
      if policy.nodes[node].isAlwaysVisible { return nil }
    case .absent, .delegated, .redirected: break
    }
    if !podsAreSynchronized { return "the pods are not synchronized yet" }
    switch policy.zones[zone].unknownClient {
    case .default: return nil
    case .deny: return "the client is unknown and unknownClient is Deny"
    case .servFail: return "the client is unknown and unknownClient is ServFail"
    }
  }
}
