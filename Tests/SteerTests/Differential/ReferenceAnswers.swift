import DNSWire
import TestSupport

/// What Steer, NSD and Knot answered to one question.
struct ReferenceAnswers {
  var query: WireQuery
  var steer: ComparedAnswer
  var nsd: ComparedAnswer
  var knot: ComparedAnswer

  /// The answers that Steer's may be, once what servers are free in is put aside.
  var allowed: [ComparedAnswer] {
    // What Steer refers to is not the zone's own.
    let isReferral = Set(nsd.authority) == Set(steer.authority)
    return [isReferral ? nsd : nsd.withoutOwnNameservers, knot].map(\.withoutRepetition)
  }

  /// Whether NSD and Knot say the same.
  var isAgreed: Bool { allowed[0].agrees(with: allowed[1]) }

  /// Whether NSD and Knot say the same, the additional section aside.
  var isAgreedButForAdditional: Bool {
    allowed[0].withoutAdditional.agrees(with: allowed[1].withoutAdditional)
  }

  /// Whether Steer says what one of the two does.
  var isMatched: Bool { allowed.contains { $0.agrees(with: steer) } }

  /// Whether Steer says what one of the two does, the additional section aside.
  var isMatchedButForAdditional: Bool {
    !hasRepeatedRecords && allowed.contains { $0.withoutAdditional.agrees(with: steer.withoutAdditional) }
  }

  /// Whether Steer says what one of the two does, and each record once.
  var isRight: Bool { isMatched && !hasRepeatedRecords }

  /// Whether a record stands twice in Steer's answer (RFC 2181 §5).
  var hasRepeatedRecords: Bool {
    let records = steer.answer + steer.authority + steer.additional
    return Set(records).count != records.count
  }
}

extension ComparedAnswer {
  /// The answer without the addresses of the zone's own name servers, if those stand beside data.
  ///
  /// NSD adds the apex's NS records to every positive answer, with their addresses. Nothing asks for that, and Knot and
  /// Steer leave it out; the authority section is not compared there.
  fileprivate var withoutOwnNameservers: ComparedAnswer {
    guard !answer.isEmpty else { return self }
    let servers = Set(authority.filter { $0.type == "NS" }.map(\.rdata))
    var copy = self
    copy.additional.removeAll { address in
      let isNamed = answer.contains { $0.rdata.split(separator: " ").contains { $0 == address.owner } }
      return servers.contains(address.owner) && !isNamed
    }
    return copy
  }

  /// The answer without additional records that stand in its answer section already.
  ///
  /// Knot adds service bindings of a target beside those of the target itself; a record once is enough (RFC 2181 §5).
  fileprivate var withoutRepetition: ComparedAnswer {
    var copy = self
    copy.additional.removeAll { answer.contains($0) }
    return copy
  }

  fileprivate var withoutAdditional: ComparedAnswer {
    var copy = self
    copy.additional = []
    return copy
  }

  /// Whether two answers say the same, TTLs included; the authority section counts only beside an empty answer section.
  func agrees(with other: ComparedAnswer) -> Bool {
    rcode == other.rcode && flags == other.flags && Set(answer) == Set(other.answer)
      && Set(additional) == Set(other.additional)
      && (Set(authority) == Set(other.authority) || !answer.isEmpty && !other.answer.isEmpty)
  }
}
