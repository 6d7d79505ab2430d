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
    if let policy = stub.policy { compare(run, sets, with: policy.identity.sources) }
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
      report(
        .optionPasses, at: stub.key.word,
        "the policy believes \(source) too, and this block lets a client's own through: add 'rewrite continue edns0 "
          + "\(option.unsetWords)' before the rule that sets who asked")
    }
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
