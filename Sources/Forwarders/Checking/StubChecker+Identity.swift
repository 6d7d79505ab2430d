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
    let run = checkOrder(of: rules)
    let sets = rules.filter(\.setsIdentity)
    if sets.isEmpty, !stub.isView {
      report(
        .identityMissing, at: stub.key.word,
        "the block of \(zoneName) does not say who asked: add 'rewrite edns0 local set 0xffee {client_ip} revert' and "
          + "'unset' before it")
    }
    if let policy = stub.policy { compare(run, sets, with: policy) }
  }

  /// Compares with what the policy believes of forwarders.
  private mutating func compare(_ rules: [CorefileRewrite], _ sets: [CorefileRewrite], with policy: SteeringZone) {
    let forwarders = policy.identity.believedSources
    for rule in sets where !forwarders.joined().contains(where: rule.isBelieved) {
      let known = policy.identity.sources.filter(forwarders.joined().contains).map(\.description)
      report(
        .optionNotBelieved, at: rule.directive.name,
        "the policy does not believe this: of forwarders SteeringZone \(policy.name) believes "
          + "\(known.joined(separator: ", ")); change one of the two")
    }
    // What another forwarder is believed in cannot harm here.
    let likely = forwarders.filter { sources in
      sets.isEmpty || sets.contains { rule in sources.contains(where: rule.isBelieved) }
    }
    let touched = Set(rules.compactMap(\.option))
    for source in policy.identity.sources where likely.joined().contains(source) {
      guard let option = source.corefileOption, !touched.contains(option) else { continue }
      report(
        .optionPasses, at: stub.key.word,
        "the policy believes \(source) too, and this block lets a client's own through: add 'rewrite continue edns0 "
          + "\(option.unsetWords)' before the rule that sets who asked")
    }
  }
}

extension IdentitySettings {
  /// The sources in which each forwarder is believed.
  var believedSources: [[Source]] {
    trustedForwarders.isEmpty ? [sources] : trustedForwarders.map { $0.sources ?? sources }
  }
}

extension CorefileRewrite {
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
