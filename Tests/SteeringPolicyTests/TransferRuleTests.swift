import DNSWire
import SteeringPolicy
import Testing

/// Who may have a zone as a whole, as a policy writes it.
@Suite struct TransferRuleTests {
  private func load(_ rules: String) -> (policy: PolicySet?, diagnostics: [Diagnostic]) {
    let text = """
      apiVersion: egress.aibang.com/v1alpha1
      kind: SteeringZone
      metadata: {name: steer-test}
      spec:
        zone: steer.test
        transfers: \(rules)
      ---
      {apiVersion: v1, kind: Namespace, metadata: {name: team-a}}
      """
    return PolicyLoader.load([PolicyFile(path: "zone.yaml", text: text)])
  }

  @Test func aRuleHasKeyAddressesViewAndWhomToNotify() throws {
    let loaded = load(
      """
      [{key: A.Secondary, cidrs: [10.0.0.0/24, "fd00::/64"], view: {namespace: team-a, serviceAccount: api},
            notify: ["10.0.0.1:53", "[fd00::1]:5353"]}, {cidrs: [10.1.0.1/32]}]
      """)
    #expect(loaded.diagnostics.isEmpty)
    let rules = try #require(loaded.policy?.zones.first?.transfers)
    #expect(try rules[0].key?.value == DomainName("a.secondary"))
    #expect(rules[0].blocks.map(\.description) == ["10.0.0.0/24", "fd00::/64"])
    #expect(rules[0].view?.value == TransferRule.View(namespace: "team-a", serviceAccount: "api"))
    #expect(rules[0].notify.map(\.description) == ["10.0.0.1:53", "[fd00::1]:5353"])
    #expect(rules[1].key == nil && rules[1].view == nil && rules[1].notify.isEmpty)
  }

  @Test(
    arguments: [
      ("[{}]", [DiagnosticCode.missingField]),
      ("[{view: {namespace: team-a}}]", [.missingField]),
      ("[{key: null}]", [.missingField]),
      ("[{key: a..b}]", [.invalidDNSName]),
      ("[{key: .}]", [.invalidDNSName]),
      ("[{cidrs: []}]", [.invalidValue]),
      ("[{cidrs: [0.0.0.0/0]}]", [.invalidValue]),
      ("[{cidrs: [\"::/0\"]}]", [.invalidValue]),
      ("[{key: a, cidrs: [0.0.0.0/0]}]", []),
      ("[{cidrs: [10.0.0.1/24]}]", [.invalidCIDR]),
      ("[{key: a, view: {}}]", [.missingField]),
      ("[{key: a, view: {namespace: team-x}}]", [.unknownNamespace]),
      ("[{key: a, view: {namespace: Team}}]", [.invalidName]),
      ("[{key: a, view: {namespace: team-a, account: x}}]", [.unknownField]),
      ("[{key: a, notify: [10.0.0.1]}]", [.invalidAddress]),
      ("[{key: a, notify: [\"10.0.0.1:0\"]}]", [.invalidAddress]),
      ("[{key: a, notify: [\"ns2.steer.test:53\"]}]", [.invalidAddress]),
      ("[{key: a, secret: x}]", [.unknownField]),
      ("[{key: a}, {key: b}, {key: a, cidrs: [10.0.0.1/32]}]", [.duplicateTransferKey]),
      ("{key: a}", [.wrongType]),
    ] as [(String, [DiagnosticCode])])
  func whatIsNoRuleIsReported(rules: String, codes: [DiagnosticCode]) {
    let loaded = load(rules)
    #expect(loaded.diagnostics.map(\.code) == codes, "\(loaded.diagnostics)")
    #expect((loaded.policy == nil) == loaded.diagnostics.hasErrors)
  }

  @Test func theNumberOfRulesIsBounded() {
    let rules = (0...64).map { "{key: k\($0)}" }.joined(separator: ", ")
    #expect(load("[\(rules)]").diagnostics.map(\.code) == [.tooMany])
  }
}
