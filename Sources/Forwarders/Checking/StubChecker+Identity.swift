import SteeringPolicy

extension StubChecker {
  /// Who asked: the `rewrite` rules in their order, which is that of the file.
  mutating func checkIdentity() {
    var rules: [CorefileRewrite] = []
    for directive in stub.block.plugins("rewrite") {
      do throws(CorefileFault) {
        rules.append(try CorefileRewrite(directive))
      } catch {
        report(.rewriteSyntax, at: directive.name, error.problem)
      }
    }
    checkOrder(of: rules)
    let sets = rules.filter(\.setsIdentity)
    if sets.isEmpty, !stub.isView {
      report(
        .identityMissing, at: stub.key.word,
        "the block of \(zoneName) does not say who asked: add 'rewrite edns0 local set 0xffee {client_ip} revert' and "
          + "'unset' before it")
    }
    if let policy = stub.policy { compare(rules, sets, with: policy.identity.sources) }
  }

  private mutating func checkOrder(of rules: [CorefileRewrite]) {
    var unset: Set<CorefileRewrite.Option> = []
    var set: Set<CorefileRewrite.Option> = []
    for (index, rule) in rules.enumerated() {
      let word = rule.directive.name
      switch rule.action {
      case .unset(let option):
        if set.contains(option) {
          report(
            .unsetAfterSet, at: word, "this takes away what was set for \(option) before it; put it before 'set'")
        }
        if !rule.goesOn, rules[(index + 1)...].contains(where: \.setsIdentity) {
          report(
            .unsetStops, at: word,
            "a client that sends the option ends the rules here, and who asked is never set; write 'rewrite continue'"
          )
        }
        unset.insert(option)
      case .set(let option, _):
        guard rule.setsIdentity else { continue }
        checkSet(rule, option, isUnset: unset.contains(option))
        if let stop = rules[..<index].first(where: { $0.mayStop }) {
          report(
            .setNeverRuns, at: word,
            "the rule in line \(source.location(stop.directive.name.place).line) ends the rules before this one"
              + (stop.matchesAll ? "" : " whenever it matches") + "; write 'rewrite continue' there")
        }
        set.insert(option)
      case .other(let option):
        report(
          .notSet, at: word,
          "'append' and 'replace' do not see to it that \(option) is there and CoreDNS's own; write 'set'")
      case .field(let field): checkField(field, word)
      case .nothing: continue
      }
    }
  }

  private mutating func checkSet(_ rule: CorefileRewrite, _ option: CorefileRewrite.Option, isUnset: Bool) {
    let word = rule.directive.name
    if case .local(let code) = option, !isUnset {
      report(
        .setWithoutUnset, at: word,
        "a client that CoreDNS cannot place keeps the option that it sent itself, and can be anyone: put 'rewrite "
          + "continue edns0 local unset 0x\(String(code, radix: 16))' before this")
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

  /// Compares with what the policy believes.
  private mutating func compare(
    _ rules: [CorefileRewrite], _ sets: [CorefileRewrite], with sources: [IdentitySettings.Source]
  ) {
    let known = sources.map(\.description).joined(separator: ", ")
    for rule in sets where !sources.contains(where: rule.isBelieved) {
      report(
        .optionNotBelieved, at: rule.directive.name,
        "the policy does not believe this: identity.sources of \(stub.policy?.name ?? zoneName) has \(known); change "
          + "one of the two")
    }
    let touched = Set(rules.compactMap(\.option))
    for source in sources {
      guard let option = source.corefileOption, !touched.contains(option) else { continue }
      let code =
        if case .local(let code) = option { "local unset 0x\(String(code, radix: 16))" } else { "subnet unset" }
      report(
        .optionPasses, at: stub.key.word,
        "the policy believes \(source) too, and this block lets a client's own through: add 'rewrite continue edns0 "
          + "\(code)' before the rule that sets who asked")
    }
  }
}

extension CorefileRewrite {
  /// The option that the rule takes away or sets anew.
  fileprivate var option: Option? {
    switch action {
    case .set(let option, _), .unset(let option): option
    default: nil
    }
  }

  /// Whether it says who asked.
  fileprivate var setsIdentity: Bool {
    guard case .set(let option, let value) = action else { return false }
    return option == .subnet || value == "{client_ip}" || value == "{kubernetes/client-namespace}"
  }

  /// Whether no rule after it is met, at least for some queries; `unset` is told of on its own.
  fileprivate var mayStop: Bool {
    if case .unset = action { return false }
    return !goesOn
  }

  /// Whether an identity source of a policy is what the rule sets.
  fileprivate func isBelieved(_ source: IdentitySettings.Source) -> Bool {
    guard case .set(let option, let value) = action, source.corefileOption == option else { return false }
    switch source {
    case .ednsClientIP: return value == "{client_ip}"
    case .ednsNamespace: return value == "{kubernetes/client-namespace}"
    default: return true
    }
  }
}

extension IdentitySettings.Source {
  /// The option that it is read from; nil if it is none.
  fileprivate var corefileOption: CorefileRewrite.Option? {
    switch self {
    case .ednsClientIP(let code), .ednsNamespace(let code): .local(code)
    case .ednsClientSubnet: .subnet
    case .proxyProtocol, .sourceAddress: nil
    }
  }
}
