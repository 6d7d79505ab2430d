extension StubChecker {
  /// Checks the rules as CoreDNS meets them; those that it can meet.
  mutating func checkOrder(of rules: [CorefileRewrite]) -> [CorefileRewrite] {
    var before = RulesBefore()
    let last = rules.lastIndex { $0.setsIdentity || $0.takesAway }
    for (index, rule) in rules.enumerated() {
      checkIsMet(rule, after: before)
      if before.end != nil { continue }
      switch rule.action {
      case .unset(let option): checkUnset(rule, option, before, isLast: index >= last ?? 0)
      case .set(let option, let value): checkSet(rule, option, value, before)
      case .other(.nsid): break
      case .other(let option):
        report(
          .notSet, at: rule.directive.name,
          "'append' and 'replace' do not see to it that \(option) is there and CoreDNS's own; write 'set'")
      case .field(let field): checkField(field, rule.directive.name)
      }
      before.add(rule)
    }
    return before.rules
  }

  /// Whether a rule that matters is met at all; what an `unset` ends is told of at that one.
  private mutating func checkIsMet(_ rule: CorefileRewrite, after before: RulesBefore) {
    guard let stop = before.end ?? before.stop, !stop.takesAway else { return }
    let line = source.location(stop.directive.name.place).line
    let when = stop.matchesAll ? "" : " whenever it matches"
    let ending = "the rule in line \(line) ends the rules before this one\(when)"
    if rule.setsIdentity {
      report(.setNeverRuns, at: rule.directive.name, "\(ending); write 'rewrite continue' there")
    } else if rule.takesAway, stop.setsIdentity {
      report(.unsetNeverRuns, at: rule.directive.name, "\(ending), so it takes nothing away; put it before that one")
    }
  }

  private mutating func checkUnset(
    _ rule: CorefileRewrite, _ option: CorefileRewrite.Option, _ before: RulesBefore, isLast: Bool
  ) {
    if before.identity[option] != nil {
      report(
        .unsetAfterSet, at: rule.directive.name,
        "this takes away what was set for \(option) before it; put it before 'set'")
    }
    if !rule.goesOn, !isLast {
      report(
        .unsetStops, at: rule.directive.name,
        "this ends the rules for every client, whether it sent the option or not, and those after it never run; write "
          + "'rewrite continue'")
    }
  }

  private mutating func checkSet(
    _ rule: CorefileRewrite, _ option: CorefileRewrite.Option, _ value: String?, _ before: RulesBefore
  ) {
    if let set = before.identity[option], set != value {
      report(
        .identityOverwritten, at: rule.directive.name,
        "this puts something else into \(option), which said who asked, so all such clients become one; take it out")
    } else if rule.setsIdentity {
      checkSet(rule, option, isUnset: before.unset.contains(option))
    }
  }

  private mutating func checkSet(_ rule: CorefileRewrite, _ option: CorefileRewrite.Option, isUnset: Bool) {
    let word = rule.directive.name
    if case .local = option, !isUnset {
      let danger =
        rule.isFromMetadata
        ? "a client that CoreDNS cannot place keeps the option that it sent itself, and can be anyone"
        : "only the first of the options that a client sent itself is overwritten, and one left over makes it unknown"
      report(
        .setWithoutUnset, at: word, "\(danger): put 'rewrite continue edns0 \(option.unsetWords)' before this")
    }
    if !rule.reverts {
      report(
        .revertMissing, at: word, "without 'revert' the client may get an option back that it never sent; add it")
    }
    if let prefixes = rule.prefixes, prefixes.v4 < 32 || prefixes.v6 < 128 {
      report(
        .subnetTooCoarse, at: word,
        "/\(prefixes.v4) and /\(prefixes.v6) are networks and no client, which Steer does not believe; write 32 128")
    }
  }

  private mutating func checkField(_ field: String, _ word: Corefile.Word) {
    switch field {
    case "ttl", "rcode", "cname":
      report(.answerChanged, at: word, "this changes Steer's answers; take it out of this block")
    case "name", "type", "class":
      report(
        .nameRewritten, at: word, "Steer is asked another question than the client asked; take it out if it can be")
    default: return
    }
  }
}

/// What the rules before one have done to a query.
private struct RulesBefore {
  /// Those that are met.
  var rules: [CorefileRewrite] = []
  /// The options that were taken away.
  var unset: Set<CorefileRewrite.Option> = []
  /// What was set to say who asked; the inner nil stands for a subnet.
  var identity: [CorefileRewrite.Option: String?] = [:]
  /// The rule that ends the rules for every query.
  var end: CorefileRewrite?
  /// The first rule that ends them for some.
  var stop: CorefileRewrite?

  mutating func add(_ rule: CorefileRewrite) {
    rules.append(rule)
    switch rule.action {
    case .unset(let option): unset.insert(option)
    case .set(let option, let value) where rule.setsIdentity && identity[option] == nil:
      identity.updateValue(value, forKey: option)
    default: break
    }
    if rule.goesOn { return }
    if rule.matchesAll { end = rule } else if stop == nil { stop = rule }
  }
}
