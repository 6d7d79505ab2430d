import TestSupport

/// A difference from NSD and Knot alike that is meant, with the RFC that allows it.
enum ExplainedDifference: String, CaseIterable {
  /// A service binding without a target name stands for its owner, and so Steer adds the owner's addresses.
  case ownAddresses = "the addresses of the owner beside a service binding to '.' (RFC 9460 §2.5.2, §4.1)"
  /// Steer adds the addresses of the hosts that AFSDB records name.
  case databaseAddresses = "the addresses of hosts that AFSDB records name (RFC 1183 §1)"
  /// Steer follows 16 aliases, or as many as there is room for in a name. How many are followed is up to a server, and a
  /// chain without end has no right answer.
  case endlessChain = "a chain of more than 16 aliases or without end, which ends elsewhere (RFC 1034 §3.6.2)"
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
    case .ownAddresses:
      return isAgreed(answers) { record in
        guard record.type == "HTTPS" || record.type == "SVCB",
          record.rdata.split(separator: " ").dropFirst().first == "."
        else { return nil }
        return record.owner
      }
    case .databaseAddresses:
      return isAgreed(answers) { record in
        record.type == "AFSDB" ? record.rdata.split(separator: " ").last.map(String.init) : nil
      }
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

  /// Whether Steer's answer is one of the others' but for the addresses of names that records of its answer section
  /// lead to.
  private func isAgreed(
    _ answers: ReferenceAnswers, butForAddressesOf name: (ComparedAnswer.Record) -> String?
  ) -> Bool {
    var answer = answers.steer
    let names = Set(answer.answer.compactMap(name))
    answer.additional.removeAll { names.contains($0.owner) }
    return answers.allowed.contains { other in
      var other = other
      other.additional.removeAll { names.contains($0.owner) }
      return other.agrees(with: answer)
    }
  }
}

extension ComparedAnswer.Record {
  fileprivate var isAlias: Bool { type == "CNAME" || type == "DNAME" }
  fileprivate var leadsBelowItself: Bool { type == "DNAME" && rdata.hasSuffix("." + owner) }
}
