import SteeringPolicy
import Testing

@Suite struct KubernetesListTests {
  private func load(_ names: String...) throws -> (PolicySet?, [Diagnostic]) {
    PolicyLoader.load([Fixture.zone] + (try names.map { try Fixture.file("kubectl/" + $0) }))
  }

  @Test func listsLoadAsTheAPIServerSendsThem() throws {
    let (policy, diagnostics) = try load("services.list.json", "namespaces.list.json", "pods.page1.json")
    // The recorded page of pods is one of two.
    #expect(diagnostics.map(\.code) == [.partialList])
    let inventory = try #require(policy?.inventory)
    #expect(inventory.namespaces.map(\.name).contains("intra-proxy"))
    #expect(inventory.pods.map(\.name.description) == ["team-a/api-1"])
    #expect(inventory.pods.first?.addresses.map(\.description) == ["127.0.1.1"])
  }

  @Test func headlessServicesFindTheirEndpointsInLists() throws {
    let route = PolicyFile(
      path: "route.yaml",
      text: """
        apiVersion: egress.aibang.com/v1alpha1
        kind: EgressRouteList
        items:
        - metadata: {name: squid}
          spec:
            hostnames: [squid.intra.aibang.local]
            backendRefs: [{namespace: intra-proxy, name: squid-headless, port: 3128}]
            listenerPort: 13128
            domainNames: [example.com]
        """)
    let lists = try ["services.headless.list.json", "endpointslices.list.json"].map {
      try Fixture.file("kubectl/" + $0)
    }
    let (policy, diagnostics) = PolicyLoader.load([Fixture.zone, route] + lists)
    #expect(diagnostics.map(\.code) == [.headlessPort])
    #expect(policy?.routes.first?.backends.first?.addresses.map(\.description) == ["10.8.9.10"])
  }

  @Test func jsonHasPlacesToo() throws {
    let text = try Fixture.file("kubectl/services.list.json").text
      .replacing("\"10.96.0.1\"\n", with: "\"10.96.0\"\n")
      .replacing("\"port\": 443", with: "\"port\": \"443\"")
    let diagnostics = PolicyLoader.load([Fixture.zone, PolicyFile(path: "s.json", text: text)]).diagnostics
    #expect(
      diagnostics.map { "\($0.location) \($0.code.rawValue)" } == [
        "s.json:60:21 wrong-type", "s.json:66:11 invalid-address",
      ])
  }

  @Test func listsWithinListsAreNotFollowed() {
    let text = "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List, items: []}]}"
    let diagnostics = PolicyLoader.load([Fixture.zone, PolicyFile(path: "l", text: text)]).diagnostics
    #expect(diagnostics.map(\.code) == [.unknownKind])
  }
}
