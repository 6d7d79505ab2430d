import DNSWire

extension Validator {
  /// Reports subjects that no zone finds out about: a namespace's name tells neither an account nor an address.
  func checkSubjects() {
    let knowsOnlyNamespaces =
      !objects.unread.mayHoldZone && !objects.zones.isEmpty
      && objects.zones.allSatisfy { $0.zone?.identity.tellsOnlyNamespaces ?? false }
    guard knowsOnlyNamespaces else { return }
    for policy in objects.policies {
      let subject: String
      switch policy.subject {
      case .namespaces: continue
      case .serviceAccounts: subject = "service accounts"
      case .ipBlocks: subject = "addresses"
      }
      findings.report(
        .subjectNotIdentified, at: policy.subjectLocation,
        "policy \(policy.metadata.name) is about \(subject), but the zones learn only the namespace of who asks, so it "
          + "never applies; add a source that tells the address, or select namespaces")
    }
  }

  /// The policy with its routes and Services resolved.
  mutating func resolve(_ policy: DecodedPolicy) -> EgressPolicy {
    EgressPolicy(
      name: policy.metadata.name, location: policy.metadata.location, priority: policy.priority,
      priorityLocation: policy.priorityLocation, mode: policy.mode, subject: policy.subject,
      subjectLocation: policy.subjectLocation, rules: policy.rules.map { resolve($0) })
  }

  private mutating func resolve(_ rule: DecodedRule) -> EgressRule {
    let indexes = rule.routes.compactMap { index(of: $0) }
    let named = indexes.map { routes[$0] }
    return EgressRule(
      name: rule.name, location: rule.location, action: rule.action, routes: indexes,
      backends: rule.backends?.compactMap { resolve($0, for: named) })
  }

  /// The test with its route resolved; its namespace must be one of `namespaces`.
  mutating func resolve(_ test: DecodedTest, namespaces: [String: [String: String]]) -> EgressTest {
    if let namespace = test.namespace, namespaces[namespace.value] == nil,
      !objects.unread.mayHold(namespace.value)
    {
      let suggestion = suggestion(for: namespace.value) { _ in namespaces.keys }
      findings.report(
        .testNamespaceUnknown, at: namespace.location,
        "no Namespace, Pod or policy is of the namespace '\(namespace.value)'\(suggestion), so the test would "
          + "prove nothing; \(namespaceRemedy)")
    }
    let connect = test.connect.flatMap { connect in
      index(of: connect.route).map { _ in
        EgressTest.Connect(
          route: connect.route.value, method: connect.method, host: connect.host, port: connect.port,
          expect: connect.expect)
      }
    }
    return EgressTest(
      name: test.metadata.name, location: test.metadata.location, client: test.client, query: test.query,
      expectation: test.expectation, connect: connect)
  }
}
