import SteeringPolicy
import Testing

/// The rules of single fields, each shown by one changed value of a valid policy.
@Suite struct FieldRuleTests {
  /// What a change of the valid policy makes of it: the codes, by place.
  private func codes(_ right: String, _ wrong: String) throws -> [DiagnosticCode] {
    let policy = try Fixture.file("valid/policy.yaml")
    #expect(policy.text.contains(right))
    let text = policy.text.replacing(right, with: wrong, maxReplacements: 1)
    let files = [PolicyFile(path: "p", text: text), try Fixture.file("valid/inventory.yaml")]
    // The valid policy has forwarders and a headless Service, each with a warning of its own.
    return PolicyLoader.load(files).diagnostics.map(\.code).filter { $0 != .headlessPort }
  }

  @Test(arguments: [
    ("0s", 0), ("90s", 90), ("5m", 300), ("1h30m", 5400), ("2147483647s", 2_147_483_647),
  ])
  func durationsAreWholeSeconds(text: String, seconds: UInt32) throws {
    let zone = Fixture.zone.text.replacing("spec: {", with: "spec: {ttl: \(text), ")
    #expect(PolicyLoader.load([PolicyFile(path: "z", text: zone)]).policy?.zones.first?.ttl == seconds)
  }

  @Test(arguments: [
    "10", "1.5s", "-1s", "s", "10x", "1h30", "2147483648s", "999999999999999999999h", "10 s", "10S", "\"\"",
    String(repeating: "0", count: 64) + "s",
  ])
  func whatIsNoDurationIsRefused(text: String) throws {
    #expect(try codes("ttl: 10s", "ttl: \(text)") == [.invalidDuration])
  }

  @Test(arguments: [
    ("10.96.7.0/24", []), ("10.96.7.10/32", []), ("10.0.0.0/8", []), ("\"fd00:96::/112\"", []),
    ("\"fd00:96::/100\"", []), ("10.96.0.0/12", [DiagnosticCode.invalidCIDR]), ("\"fd00:96::/33\"", [.invalidCIDR]),
    ("0.0.0.0/0", [.invalidCIDR]), ("10.96.7.10", [.invalidCIDR]), ("10.96.7.1/24", [.invalidCIDR]),
    ("10.96.7.0/24, 10.96.0.0/16", [.duplicateZone]), ("10.96.7.0/24, 10.96.7.0/24", [.duplicateZone]),
    ("10.96.7.0/24, 10.96.8.0/24", []),
  ])
  func reverseBlocksAreWholeZonesThatDoNotOverlap(blocks: String, codes: [DiagnosticCode]) throws {
    #expect(try self.codes("ttl: 10s", "ttl: 10s\n  reverseBlocks: [\(blocks)]") == codes)
  }

  @Test(arguments: [
    "\"*\"", "\"*.\"", "\"a.*.com\"", "\"**.com\"", "\"*a.com\"", "10.0.0.1", "\"::1\"", "bücher.example",
    "\"*.bücher.example\"", "a..b", "a_b.com", "-a.com", ".", "\"\"", "\"a b.com\"",
    #"'m\105.com'"#, #"'*.m\105.com'"#,
  ])
  func whatIsNoDestinationIsRefused(text: String) throws {
    #expect(try codes("login.microsoft.com,", text + ",") == [.invalidDNSName])
  }

  @Test(arguments: ["\"*.com\"", "xn--bcher-kva.example", "Login.Microsoft.com."])
  func destinationsAreNamesAndWholeLabelWildcards(text: String) throws {
    #expect(try codes("login.microsoft.com,", text + ",") == [])
  }

  @Test(arguments: ["0", "65536", "-1", "99999999999999999999"])
  func portsOutOfRangeAreRefused(text: String) throws {
    #expect(try codes("port: 3128, weight", "port: \(text), weight") == [.invalidPort])
  }

  @Test(
    arguments: [
      ("listenerPort: 13128", "listenerPort: 0x10", .wrongType),
      ("listenerPort: 13128", "listenerPort: 013128", .wrongType),
      ("owner: identity-team", "owner: 5", .wrongType),
      ("owner: identity-team", "owner: no", .wrongType),
      ("owner: identity-team", "owner: \"a\\nb\"", .invalidValue),
      ("host: int-proxy.aibang.com", "host: \"10.0.0.1\\0\"", .invalidValue),
      ("ports: [443, 8443]", "ports: 443", .wrongType),
      ("ports: [443, 8443]", "ports: [443, 443]", .invalidValue),
      ("ports: [443, 8443]", "ports: []", .invalidValue),
      ("[login.microsoft.com, ", "[login.microsoft.com, LOGIN.microsoft.com, ", .invalidValue),
      ("hostnames: [micro", "hostnames: [\"*.intra.aibang.local\", micro", .invalidDNSName),
      ("ttl: 1h30m", "methods: []", .invalidValue),
      ("ttl: 1h30m", "methods: [CONNECT, CONNECT]", .invalidValue),
      ("ttl: 1h30m", "methods: [connect]", .invalidValue),
      ("ttl: 1h30m", "methods: [BREW]", .invalidValue),
      ("ttl: 1h30m", "methods: [\"GET\\nhttp_access allow all\"]", .invalidValue),
      ("ttl: 1h30m", "methods: CONNECT", .wrongType),
      ("ttl: 1h30m", "parentSelection: First", .invalidValue),
      ("ttl: 1h30m", "onRevocation: close", .invalidValue),
      ("ttl: 1h30m", "healthCheck: 5s", .wrongType),
      ("ttl: 1h30m", "healthCheck: {every: 5s}", .unknownField),
      ("ttl: 1h30m", "healthCheck: {interval: 0s}", .invalidDuration),
      ("ttl: 1h30m", "healthCheck: {interval: 61m}", .invalidDuration),
      ("ttl: 1h30m", "healthCheck: {interval: 5}", .invalidDuration),
      ("ttl: 1h30m", "healthCheck: {timeout: 6s}", .invalidValue),
      ("ttl: 1h30m", "healthCheck: {interval: 1s, timeout: 2s}", .invalidValue),
      ("ttl: 1h30m", "healthCheck: {connect: {port: 443}}", .missingField),
      ("ttl: 1h30m", "healthCheck: {connect: {host: 10.0.0.1}}", .invalidDNSName),
      ("ttl: 1h30m", "healthCheck: {connect: {host: login.microsoft.com, port: 80}}", .healthCheckTarget),
      ("ttl: 1h30m", "healthCheck: {connect: {host: www.microsoft.com}}", .healthCheckTarget),
      ("ttl: 1h30m", "healthCheck: {connect: {host: login.microsoftonline.com}}", .healthCheckTarget),
      ("port: 3128}]\n  ttl", "port: 3128}, {port: 3128, host: int-proxy.aibang.com}]\n  ttl", .invalidValue),
      (
        "[{host: int-proxy.aibang.com, port: 3128}]\n  ttl",
        "[\((1...17).map { "{host: p\($0).test, port: 3128}" }.joined(separator: ", "))]\n  ttl", .tooMany
      ),
      ("  parentProxies: [{host: int-proxy.aibang.com, port: 3128}]\n  ttl", "  ttl", .routeWithoutParent),
      ("[{host: int-proxy.aibang.com, port: 3128}]\n  ttl", "[]\n  ttl", .routeWithoutParent),
      ("weight: 100", "weight: 1000001", .invalidValue),
      ("weight: 100", "weight: 0", .unusableWeights),
      ("kind: Service,", "kind: Pod,", .invalidValue),
      ("host: int-proxy.aibang.com", "host: int_proxy", .invalidDNSName),
      ("cidr: 10.0.0.53/32", "cidr: 0.0.0.0/0", .invalidValue),
      ("cidr: 10.0.0.53/32", "cidr: 10.0.0.53", .invalidCIDR),
      ("cidr: 10.0.0.53/32, ", "", .invalidValue),
      ("edns-client-ip:65518", "edns-client-ip:8", .invalidValue),
      ("edns-client-ip:65518", "edns-client-ip", .invalidValue),
      ("edns-namespace:65519, source-address]", "edns-namespace:65519, edns-namespace:65519]", .invalidValue),
      ("sources: [edns-client-subnet]", "sources: [proxy-protocol]", .invalidValue),
      ("sources: [edns-client-subnet]", "sources: [source-address]", .invalidValue),
      ("sources: [edns-client-subnet]", "sources: [edns-client-subnet, edns-client-subnet]", .invalidValue),
      ("edns-client-subnet", "edns-client-subnet:1", .invalidValue),
      ("NODATA", "NOERROR", .invalidValue),
      ("zone: intra.aibang.local\n", "zone: .\n", .invalidDNSName),
      ("priority: 50", "priority: -1", .invalidValue),
      ("priority: 50", "priority: 2147483648", .invalidValue),
      ("priority: 50", "priority: high", .wrongType),
      ("operator: NotIn, values: [test]", "operator: NotIn", .invalidSelector),
      ("operator: NotIn", "operator: Exists", .invalidSelector),
      ("key: tier", "key: a/b/c", .invalidSelector),
      ("values: [test]", "values: [-]", .invalidSelector),
      ("{serviceAccounts: [{namespace: team-b, name: api}]}", "{serviceAccounts: []}", .invalidValue),
      ("{serviceAccounts: [{namespace: team-b, name: api}]}", "{}", .ambiguousSubject),
      ("{action: Deny, routeRefs", "{routeRefs", .missingField),
      ("[{name: microsoft}, {name: google}]", "[]", .invalidValue),
      ("action: Allow", "action: Deny", .invalidValue),
      ("from: {namespace: team-b}", "from: {}", .invalidValue),
      ("from: {namespace: team-b}", "from: {namespace: team-b, ip: 10.8.1.5}", .invalidValue),
      ("from: {namespace: team-b}", "from: {ip: 10.8.1}", .invalidAddress),
      ("type: AAAA", "type: AAAAA", .invalidValue),
      ("rcode: NODATA", "rcode: NXDOMAIN, addresses: [10.0.0.1]", .invalidValue),
      ("  expect: {rcode: NODATA}\n", "", .missingField),
      ("via: microsoft", "via: microsotf", .unknownRoute),
      ("via: microsoft,", "via: microsoft, method: get,", .invalidValue),
      ("metadata: {name: team-a}", "metadata: {name: Team-a}", .invalidName),
      ("metadata: {name: team-a}", "metadata: {}", .missingField),
      ("metadata: {name: team-a}", "metadata: {name: team-b}", .duplicateName),
    ] as [(String, String, DiagnosticCode)])
  func eachRuleHasItsCode(right: String, wrong: String, code: DiagnosticCode) throws {
    #expect(try codes(right, wrong) == [code])
  }

  @Test func whatAProxyNeedsOfARouteIsRead() throws {
    let policy = try Fixture.file("valid/policy.yaml")
    let text = policy.text.replacing(
      "ttl: 1h30m",
      with: "methods: [GET, CONNECT]\n  parentSelection: RoundRobin\n  onRevocation: Close\n"
        + "  healthCheck: {interval: 1m, timeout: 10s, connect: {host: A.Login.microsoftonline.com., port: 8443}}")
    let files = [PolicyFile(path: "p", text: text), try Fixture.file("valid/inventory.yaml")]
    let route = try #require(PolicyLoader.load(files).policy?.routes.last)
    #expect(route.methods == ["GET", "CONNECT"])
    #expect(route.parentSelection == .roundRobin && route.onRevocation == .close)
    #expect(route.healthCheck.interval == 60 && route.healthCheck.timeout == 10)
    #expect(route.healthCheck.connect == .init(host: "a.login.microsoftonline.com", port: 8443))
  }

  @Test func aCheckEverySecondHasATimeoutThatFits() throws {
    let policy = try Fixture.file("valid/policy.yaml")
    let text = policy.text.replacing("ttl: 1h30m", with: "healthCheck: {interval: 1s}")
    let files = [PolicyFile(path: "p", text: text), try Fixture.file("valid/inventory.yaml")]
    let route = try #require(PolicyLoader.load(files).policy?.routes.last)
    #expect(route.healthCheck.interval == 1 && route.healthCheck.timeout == 1 && route.healthCheck.connect == nil)
  }

  @Test func identityThatCannotWorkIsWarnedOfHoweverItIsWritten() throws {
    // The same forwarder in two entries; a source in which none is believed; an account that nobody could tell.
    #expect(try codes("cidr: 10.0.0.54/32", "cidr: 10.0.0.53/32") == [.severalSources])
    #expect(try codes(", sources: [edns-client-subnet]", ", sources: []") == [.nobodyTrusted])
    let zone = Fixture.zone.text.replacing(
      "spec: {",
      with: "spec: {identity: {trustedForwarders: [{cidr: 10.0.0.53/32, sources: [edns-namespace:65519]}], "
        + "sources: [edns-namespace:65519, edns-client-subnet]}, ")
    let policy = """
      ---
      apiVersion: egress.aibang.com/v1alpha1
      kind: EgressPolicy
      metadata: {name: p}
      spec: {subject: {serviceAccounts: [{namespace: a, name: b}]}, egress: []}
      """
    let found = PolicyLoader.load([PolicyFile(path: "z", text: zone + policy)]).diagnostics.map(\.code)
    #expect(found.contains(.subjectNotIdentified) && found.contains(.nobodyTrusted), "\(found)")
  }

  @Test func anEmptySelectorSelectsAll() throws {
    #expect(try codes("{serviceAccounts: [{namespace: team-b, name: api}]}", "{namespaces: {}}") == [])
  }

  @Test func aPolicyMayHaveNoRules() throws {
    let rule = "  - {action: Deny, routeRefs: [{name: microsoft}, {name: google}]}\n"
    #expect(try codes(rule, "    []\n") == [])
  }

  @Test func rulesOfOnePolicyHaveDifferentNames() throws {
    let rule = "  - {action: Deny, routeRefs: [{name: microsoft}, {name: google}]}\n"
    #expect(
      try codes(rule, rule + "  - {name: rule-0, action: Deny, routeRefs: [{name: google}]}\n") == [
        .duplicateName
      ])
  }

  @Test func overridesLeadToTheListenersOfAllTheirRoutes() throws {
    let found = try codes("routeRefs: [{name: microsoft}]", "routeRefs: [{name: microsoft}, {name: google}]")
    #expect(found == [.targetPortMismatch])
  }

  @Test(arguments: [
    ("clusterIP: 10.96.7.11, ", "", DiagnosticCode.serviceWithoutAddress),
    ("clusterIP: 10.96.7.11, ", "clusterIP: \"\", ", .serviceWithoutAddress),
    ("targetPort: 13129", "targetPort: squid", .targetPortMismatch),
    ("targetPort: 13129, ", "", .targetPortMismatch),
    ("protocol: TCP", "protocol: UDP", .serviceWithoutPort),
    ("addressType: IPv4", "addressType: FQDN", .serviceWithoutEndpoints),
    ("\"2026-11-23T08:50:08Z\"", "\"2026-11-23T08:50:07Z\"", .duplicatePodAddress),
    ("\"2026-11-23T08:50:08Z\"", "yesterday", .invalidValue),
    ("namespace: team-b, name: api-1", "name: api-1", .missingField),
  ])
  func inventoryIsCheckedToo(right: String, wrong: String, code: DiagnosticCode) throws {
    let inventory = try Fixture.file("valid/inventory.yaml")
    #expect(inventory.text.contains(right))
    let text = inventory.text.replacing(right, with: wrong)
    let files = [try Fixture.file("valid/policy.yaml"), PolicyFile(path: "i", text: text)]
    let found = PolicyLoader.load(files).diagnostics
    #expect(found.map(\.code).contains(code), "\(found)")
  }
}

@Suite struct AliasTests {
  private func codes(_ old: String, _ new: String) throws -> [DiagnosticCode] {
    let text = try Fixture.file("target-port-mismatch.yaml").text
      .replacing("targetPort: 13129", with: "targetPort: 13128").replacing(old, with: new)
    return PolicyLoader.load([PolicyFile(path: "policy.yaml", text: text)]).diagnostics.map(\.code)
  }

  @Test func aHostnameBelowAnAliasIsRefusedForItWouldNeverBeAnswered() throws {
    #expect(
      try codes("{zone: intra.aibang.local}", "{zone: aibang.local, aliases: [intra.aibang.local]}")
        == [.hostnameOutsideZone])
  }
}
