import TestSupport

/// A difference from NSD and Knot alike that is meant, with the RFC that allows it.
enum ExplainedDifference: String, CaseIterable {
  /// A service binding without a target name stands for its owner, and so Steer adds the owner's addresses.
  case ownAddresses = "the addresses of the owner beside a service binding to '.' (RFC 9460 §2.5.2, §4.1)"
  /// Knot adds a wildcard's records by its own name, beside or in place of those that are made from it.
  case wildcardOwner = "additional records made from a wildcard, which have its own name in Knot (RFC 4592 §2.1.3)"
  /// Steer adds the addresses of the hosts that AFSDB records name.
  case databaseAddresses = "the addresses of hosts that AFSDB records name (RFC 1183 §1)"
  /// Steer follows 16 aliases, or as many as there is room for in a name. How many are followed is up to a server, and a
  /// chain without end has no right answer.
  case endlessChain = "a chain of more than 16 aliases or without end, which ends elsewhere (RFC 1034 §3.6.2)"
  /// NSD has one tree for all zones, and so finds the name of a zone's glue in the zone below, where there is none.
  case glueName = "a name that is not in a zone but in its parent's glue, which is NOERROR in NSD (RFC 1034 §4.3.2)"
  /// Servers compress names in their own ways, and so have room for more or less of what an answer can do without.
  case room = "what had no room over UDP and is there over TCP (RFC 2181 §9)"

  /// The fewest aliases of a chain that Steer does not follow to its end.
  private static let longChain = 16

  /// The difference that answers show; nil if they show none that is meant.
  init?(_ answers: ReferenceAnswers) {
    guard !answers.hasRepeatedRecords else { return nil }
    guard let difference = Self.allCases.first(where: { $0.explains(answers) }) else { return nil }
    self = difference
  }

  private func explains(_ answers: ReferenceAnswers) -> Bool {
    switch self {
    case .room:
      return false
    case .glueName:
      // Asked for directly, Knot says so too; it does not follow an alias into another zone.
      var answer = answers.steer
      guard answer.rcode == 3, let soa = answer.authority.first, soa.type == "SOA" else { return false }
      answer.rcode = 0
      let hasLeft = !answers.knot.authority.contains { $0.owner == soa.owner && $0.type == "SOA" }
      return hasLeft && answer.answer.allSatisfy(\.isAlias) && !answer.answer.isEmpty
        && Set(answer.authority) == Set(answers.nsd.authority) && answers.allowed[0].agrees(with: answer)
    case .ownAddresses:
      let owners = Set(answers.steer.answer.filter(\.standsForItsOwner).map(\.owner))
      return isAgreed(answers) { owners.contains($0.owner) }
    case .wildcardOwner:
      let wildcards = Set(answers.knot.additional.map(\.owner).filter { $0.hasPrefix("*.") })
      return isAgreed(answers) { record in
        wildcards.contains(record.owner) || wildcards.contains("*" + record.owner.drop { $0 != "." })
      }
    case .databaseAddresses:
      let names = Set(answers.steer.answer.filter { $0.type == "AFSDB" }.map(\.lastWord))
      return isAgreed(answers) { names.contains($0.owner) }
    case .endlessChain:
      let chain = Set(answers.steer.answer)
      let isEndless = chain.count >= Self.longChain || chain.contains(where: \.leadsBelowItself)
      guard isEndless, chain.allSatisfy(\.isAlias) else { return false }
      return answers.allowed.contains { other in
        let isChain = other.answer.allSatisfy(\.isAlias) && other.flags == answers.steer.flags
        return isChain && (chain.isSubset(of: other.answer) || chain.isSuperset(of: other.answer))
      }
    }
  }

  /// Whether Steer's answer is one of the others' but for additional records of some kind.
  private func isAgreed(_ answers: ReferenceAnswers, butFor isOfKind: (ComparedAnswer.Record) -> Bool) -> Bool {
    func reduced(_ answer: ComparedAnswer) -> ComparedAnswer {
      var answer = answer
      answer.additional.removeAll(where: isOfKind)
      return answer
    }
    return answers.allowed.contains { reduced($0).agrees(with: reduced(answers.steer)) }
  }
}

extension ComparedAnswer.Record {
  fileprivate var isServiceBinding: Bool { type == "HTTPS" || type == "SVCB" }
  fileprivate var lastWord: String { rdata.split(separator: " ").last.map(String.init) ?? "" }
  /// Whether the record is a service binding without a target name.
  fileprivate var standsForItsOwner: Bool {
    isServiceBinding && rdata.split(separator: " ").dropFirst().first == "."
  }
  fileprivate var isAlias: Bool { type == "CNAME" || type == "DNAME" }
  fileprivate var leadsBelowItself: Bool { type == "DNAME" && rdata.hasSuffix("." + owner) }
}
