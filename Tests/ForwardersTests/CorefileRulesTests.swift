import Forwarders
import Testing

/// What is found in the `rewrite` rules of a block that is right but for them.
@Suite struct CorefileRulesTests {
  private static let unset = "rewrite continue edns0 local unset 0xffee"
  private static let set = "rewrite edns0 local set 0xffee {client_ip} revert"

  private func report(
    _ rules: [String], sources: String = "edns-client-ip:65518", forwarders: String = "{cidr: 10.0.0.53/32}",
    plugins: String = ""
  ) throws -> CorefileChecker.Report {
    let text = """
      intra.aibang.local:53 {
        \(plugins)
        \(rules.joined(separator: "\n  "))
        forward . 10.96.77.10 {
          health_check 1s no_rec domain intra.aibang.local
        }
      }
      """
    var zones = try RenderingFixture.zones(sources: sources, forwarders: forwarders)
    zones[0].aliases = []
    return CorefileChecker(.init(zones: zones)).check(text, path: "f")
  }

  private func codes(_ rules: [String], plugins: String = "") throws -> [CorefileFindingCode] {
    try report(rules, plugins: plugins).findings.map(\.code)
  }

  @Test(arguments: [
    "rewrite continue edns0 local unset 0xffee revert", "rewrite continue edns0 local unset 0xffee 1",
    "rewrite continue edns0 subnet unset revert", "rewrite continue edns0 nsid unset revert",
    "rewrite continue edns0 nsid set x", "rewrite continue edns0 local set 0xfff0 x REVERT",
    "rewrite continue edns0 local set 0xfff0 x Revert", "rewrite continue edns0 local set 0xfff0 revert",
  ])
  func ruleThatCoreDNSRefusesIsAnError(rule: String) throws {
    #expect(try codes([rule, Self.unset, Self.set]) == [.rewriteSyntax])
  }

  @Test(arguments: [
    "rewrite continue edns0 nsid set", "rewrite continue edns0 nsid unset",
    "rewrite continue edns0 nsid append revert",
    "rewrite continue EDNS0 LOCAL SET 65520 x revert", "rewrite continue edns0 subnet unset",
  ])
  func ruleThatCoreDNSTakesIsNone(rule: String) throws {
    #expect(try codes([rule, Self.unset, Self.set]) == [])
  }

  @Test(arguments: ["0x7f00000c", "{server_ip}", "{qname}"])
  func optionThatIsSetTwiceIsOverwritten(value: String) throws {
    let first = "rewrite continue edns0 local set 0xffee {client_ip} revert"
    #expect(try codes([Self.unset, first, "rewrite edns0 local set 65518 \(value)"]).contains(.identityOverwritten))
    #expect(try codes([Self.unset, first, Self.set]) == [])
    #expect(try codes([Self.unset, first, "rewrite edns0 local append 65518 \(value)"]) == [.notSet])
    #expect(try codes([Self.unset, first, "rewrite edns0 local replace 65518 \(value)"]) == [.notSet])
  }

  @Test func rulesAfterTheEndAreAbsent() throws {
    let late = "rewrite continue edns0 local unset 0xffee"
    #expect(try codes([Self.set, late]) == [.setWithoutUnset, .unsetNeverRuns])
    #expect(try codes([Self.unset, Self.set, "rewrite edns0 local set 0xffee 0x7f00000c"]) == [])
    #expect(try codes([Self.unset, "rewrite edns0 nsid set", Self.set]) == [.setNeverRuns])
    #expect(try codes([Self.unset, "rewrite edns0 nsid unset", Self.set]) == [.unsetStops])
    let twice = try report(
      [Self.unset, Self.set, "rewrite continue edns0 subnet unset"],
      sources: "edns-client-ip:65518, edns-client-subnet")
    #expect(Set(twice.findings.map(\.code)) == [.optionPasses, .unsetNeverRuns])
  }

  @Test func unsetThatStopsIsFoundWhereNothingIsSet() throws {
    let view = "metadata\nkubernetes cluster.local {\npods verified\n}\nview a {\nexpr type() == 'A'\n}"
    let rules = ["rewrite edns0 local unset 0xffee", "rewrite edns0 subnet unset"]
    #expect(try codes(rules, plugins: view).contains(.unsetStops))
    #expect(try !codes([rules[0]], plugins: view).contains(.unsetStops))
  }

  @Test func whatSetWithoutUnsetLetsThroughIsSaid() throws {
    let message = { (rule: String) in
      try report([rule]).findings.first { $0.code == .setWithoutUnset }?.message
    }
    #expect(try message(Self.set)?.contains("unknown") == true)
    #expect(try message("rewrite edns0 local set 0xffef {kubernetes/client-namespace}")?.contains("anyone") == true)
  }

  @Test func whatAnotherForwarderIsBelievedInMayPass() throws {
    let sources = "edns-client-ip:65518, edns-client-subnet"
    let codes = { (forwarders: String) in
      try report([Self.unset, Self.set], sources: sources, forwarders: forwarders).findings.map(\.code)
    }
    #expect(try codes("{cidr: 10.0.0.53/32}") == [.optionPasses])
    let coredns = "{cidr: 10.0.0.53/32, sources: [edns-client-ip:65518]}"
    let dnsmasq = "{cidr: 10.0.0.54/32, sources: [edns-client-subnet]}"
    #expect(try codes("\(coredns), \(dnsmasq)") == [])
    #expect(try codes(dnsmasq) == [.optionNotBelieved])
  }

  @Test func healthCheckAsksForTheRootWithoutDomain() throws {
    let text = try RenderingFixture.text("Corefiles/health-check-missing.Corefile")
      .replacing("10.96.77.10", with: "10.96.77.10 {\nhealth_check 1s no_rec\n}")
    let report = CorefileChecker(.init()).check(text, path: "f")
    #expect(report.findings.map(\.description.first) != [])
    #expect(report.findings.map(\.code) == [.healthCheckMissing])
    #expect(report.findings.first?.location.line == 7)
  }

  @Test(arguments: [
    "minimal", "header {\nresponse set ra\n}", "dnssec", "acl {\ndrop net 10.0.0.0/8\n}", "acl {\nfilter\n}",
  ])
  func pluginThatChangesAnswersIsFound(plugin: String) throws {
    #expect(try codes([Self.unset, Self.set], plugins: plugin) == [.mayChangeAnswer])
    #expect(try codes([Self.unset, Self.set], plugins: "acl {\nallow net 10.0.0.0/8\n}") == [])
  }

  @Test(arguments: [
    ("api.intra.aibang.local", CorefileFindingCode.mayChangeAnswer), ("aibang.local", .forwardElsewhere),
    (".", .forwardElsewhere),
  ])
  func exceptionOfForwardIsFound(zone: String, code: CorefileFindingCode) throws {
    let text = try RenderingFixture.text("Rendered/coredns-client-ip.conf")
    let except = { (zone: String) in
      text.replacing("        health_check", with: "        except \(zone)\n        health_check")
    }
    let codes = { (zone: String) in
      CorefileChecker().check(except(zone), path: "f").findings.map(\.code).filter { $0 != .forwardOddPort }
    }
    #expect(Set(codes(zone)) == [code])
    #expect(codes("example.org") == [])
  }
}
