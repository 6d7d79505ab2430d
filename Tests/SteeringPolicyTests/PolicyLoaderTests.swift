import DNSWire
import SteeringPolicy
import Testing

@Suite struct PolicyLoaderTests {
  private func validPolicy() throws -> PolicySet {
    let (policy, diagnostics) = PolicyLoader.load([
      try Fixture.file("valid/policy.yaml"), try Fixture.file("valid/inventory.yaml"),
    ])
    #expect(diagnostics.map(\.code) == [.headlessPort])
    return try #require(policy)
  }

  @Test func zonesAreReadInFull() throws {
    let zone = try #require(try validPolicy().zones.first)
    #expect(zone.name == "intra-aibang-local")
    #expect(zone.apexes.map(\.description) == ["intra.aibang.local.", "intra.aibang.internal."])
    #expect(zone.nameservers.map(\.description) == ["ns1.intra.aibang.local."])
    #expect(zone.zoneFile?.value == "intra.aibang.local.zone")
    #expect(zone.zoneFile?.location.description == "valid/policy.yaml:8:13")
    #expect((zone.ttl, zone.negativeTTL) == (10, 5))
    #expect(zone.denyAnswer == .nodata)
    #expect(zone.unknownClient == .servFail)
    #expect(
      zone.identity.trustedForwarders == [
        .init(.serviceAccount(namespace: "kube-system", name: "coredns"), sources: [.ednsClientIP(65518)]),
        .init(.block(try IPBlock("10.0.0.53/32")), sources: [.ednsClientSubnet]),
        .init(.block(try IPBlock("10.0.0.54/32")), sources: [.ednsNamespace(65519)]),
      ])
    #expect(
      zone.identity.sources
        == [.ednsClientIP(65518), .ednsClientSubnet, .ednsNamespace(65519), .sourceAddress])
  }

  @Test func routesAreReadInFullAndSortedByName() throws {
    let routes = try validPolicy().routes
    #expect(routes.map(\.name) == ["google", "microsoft"])
    let route = try #require(routes.last)
    #expect(route.owner == "identity-team")
    #expect(route.hostnames.map(\.value) == [try DomainName("microsoft.intra.aibang.local")])
    #expect(route.listenerPort == 13128)
    #expect(route.destinations.map(\.description) == ["login.microsoft.com", "*.login.microsoftonline.com"])
    #expect(route.ports == [443, 8443])
    #expect(route.parentProxies.map(\.host) == ["int-proxy.aibang.com"])
    #expect(route.ttl == 5400)
    let backend = try #require(route.backends.first)
    #expect(backend.service.description == "intra-proxy/microsoft")
    #expect(backend.weight == 100)
    #expect(backend.addresses.map(\.description) == ["10.96.7.10", "fd00:96::7:10"])
  }

  @Test func policiesAreSortedByPriorityAndReferToSortedRoutes() throws {
    let policies = try validPolicy().policies
    #expect(policies.map(\.name) == ["team-a", "team-b"])
    #expect(policies.map(\.priority) == [50, 1000])
    #expect(policies.map(\.mode) == [.report, .enforce])
    #expect(policies.map(\.rules.first?.routes) == [[1], [1, 0]])
    #expect(policies.map(\.rules.first?.name) == ["microsoft-canary", "rule-0"])
    #expect(policies.last?.priorityLocation == policies.last?.location)
  }

  @Test func headlessServicesHaveTheirReadyEndpoints() throws {
    let rule = try #require(try validPolicy().policies.first?.rules.first)
    #expect(rule.backends?.first?.addresses.map(\.description) == ["10.8.9.10", "10.8.9.11"])
  }

  @Test func testsAreRead() throws {
    let test = try #require(try validPolicy().tests.first)
    #expect(test.client == .pod(namespace: "team-b", serviceAccount: nil))
    #expect(test.query?.type == .aaaa)
    #expect(test.expectation.rcode == .noError)
    #expect(test.expectation.isNoData && test.expectation.addresses == nil)
    #expect(test.connect?.route == "microsoft")
    #expect(test.connect?.expect == .deny)
  }

  @Test func inventoryHasEveryNamespaceAndTheLivePods() throws {
    let inventory = try validPolicy().inventory
    #expect(inventory.namespaces.map(\.name) == ["node-things", "team-a", "team-b"])
    #expect(
      inventory.namespaces.last?.labels == ["tier": "prod", "kubernetes.io/metadata.name": "team-b"])
    #expect(inventory.pods.map(\.name.description) == ["team-a/web-1", "team-b/api-1"])
    #expect(inventory.pods.map(\.serviceAccount) == ["default", "api"])
    #expect(inventory.pods.last?.addresses.map(\.description) == ["10.8.1.6", "fd00::6"])
  }

  @Test func whatIsLeftOutHasItsDefault() throws {
    let zone = try #require(PolicyLoader.load([Fixture.zone]).policy?.zones.first)
    #expect(zone.nameservers.map(\.description) == ["ns1.intra.aibang.local."])
    #expect(zone.ttl == 10 && zone.negativeTTL == nil)
    #expect(zone.denyAnswer == .nxdomain)
    #expect(zone.unknownClient == .default)
    #expect(zone.identity.trustedForwarders.isEmpty)
    #expect(zone.identity.sources == [.sourceAddress])
    let route = try #require(try validPolicy().routes.first)
    #expect(route.ports == [443])
    #expect(route.ttl == nil)
    #expect(route.backends.map(\.weight) == [1])
  }

  @Test func nothingGivenIsAnEmptyPolicy() {
    let (policy, diagnostics) = PolicyLoader.load([])
    #expect(policy?.zones.isEmpty == true)
    #expect(diagnostics.isEmpty)
  }

  @Test func allMistakesOfAllFilesAreReportedAtOnceInOrder() throws {
    let (policy, diagnostics) = PolicyLoader.load([
      try Fixture.file("mistakes/policy.yaml"), try Fixture.file("mistakes/inventory.json"),
    ])
    #expect(policy == nil)
    #expect(
      diagnostics.map { "\($0.location) \($0.code.rawValue)" } == [
        "mistakes/inventory.json:3:11 unknown-kind",
        "mistakes/policy.yaml:3:36 invalid-value",
        "mistakes/policy.yaml:4:39 invalid-duration",
        "mistakes/policy.yaml:4:43 unknown-field",
        "mistakes/policy.yaml:10:45 hostname-outside-zone",
        "mistakes/policy.yaml:11:48 unknown-service",
        "mistakes/policy.yaml:11:63 invalid-port",
        "mistakes/policy.yaml:13:17 invalid-dns-name",
        "mistakes/policy.yaml:19:12 ambiguous-subject",
        "mistakes/policy.yaml:21:40 unknown-route",
        "mistakes/policy.yaml:23:5 syntax",
      ])
  }

  @Test func messagesNameTheRemedy() throws {
    let diagnostics = PolicyLoader.load([try Fixture.file("mistakes/policy.yaml")]).diagnostics
    let message = { (code: DiagnosticCode) in diagnostics.first { $0.code == code }?.message }
    #expect(message(.invalidPort)?.hasSuffix("70000 is not a TCP port; use 1 to 65535") == true)
    #expect(message(.unknownField)?.contains("did you mean 'denyAnswer'?") == true)
    #expect(message(.unknownRoute)?.contains("did you mean 'microsoft'?") == true)
    #expect(message(.invalidDuration)?.contains("write 10s") == true)
  }

  @Test func aBrokenDocumentDoesNotMakeItsReferencesDangle() throws {
    let policy = try Fixture.file("valid/policy.yaml")
    let inventory = try Fixture.file("valid/inventory.yaml")
    let faults = [
      ("listenerPort: 13128", "listenerPort: x", DiagnosticCode.wrongType),
      (
        "kind: EgressRoute\nmetadata: {name: microsoft}", "kind: Egres\nmetadata: {name: microsoft}",
        .unknownKind
      ),
      ("metadata: {name: microsoft}", "metadata: {name: microsoft", .syntax),
      ("zone: intra.aibang.local\n", "zone: intra..local\n", .invalidDNSName),
      ("kind: SteeringZone\n", "kind: SteeringZone\n  x: [\n", .syntax),
    ]
    for (right, wrong, code) in faults {
      let text = policy.text.replacing(right, with: wrong, maxReplacements: 1)
      let found = PolicyLoader.load([PolicyFile(path: "p", text: text), inventory]).diagnostics
        .filter { $0.severity == .error }
      #expect(found.map(\.code) == [code], "\(found)")
    }
    let inventoryFaults = [
      ("clusterIP: 10.96.7.11", "clusterIP: x"), ("name: team-b, labels", "name: team-b, labels: 1, x"),
      ("name: google}", "nmae: google}"), ("addresses: [10.8.9.11]", "addresses: [x]"),
    ]
    for (right, wrong) in inventoryFaults {
      let text = inventory.text.replacing(right, with: wrong)
      let found = PolicyLoader.load([policy, PolicyFile(path: "i", text: text)]).diagnostics
        .filter { $0.severity == .error }
      #expect(found.count == 1, "\(found)")
    }
  }
}
