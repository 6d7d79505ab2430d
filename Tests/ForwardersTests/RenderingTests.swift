import DNSWire
import Forwarders
import Foundation
import SteeringPolicy
import Testing

@Suite struct RenderingTests {
  /// Every forwarder with every method that it can carry.
  static let combinations: [(Forwarder, IdentityMethod)] = Forwarder.allCases.flatMap { forwarder in
    forwarder.methods.map { (forwarder, $0) }
  }

  @Test(arguments: combinations)
  func outputIsAsRecorded(forwarder: Forwarder, method: IdentityMethod) throws {
    let configuration = try ForwarderConfiguration(try RenderingFixture.request(forwarder, method))
    try RenderingFixture.expect(
      configuration.text, isRecordedAs: "Rendered/\(forwarder.rawValue)-\(method.rawValue).conf")
  }

  @Test(arguments: combinations)
  func everyApexIsRendered(forwarder: Forwarder, method: IdentityMethod) throws {
    let text = try ForwarderConfiguration(try RenderingFixture.request(forwarder, method)).text
    for apex in ["intra.aibang.local", "intra.aibang.internal"] { #expect(text.contains(apex)) }
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 120 })
  }

  @Test func oneZoneIsRenderedAlone() throws {
    var request = try RenderingFixture.request(.coredns)
    request.zone = try DomainName("intra.aibang.internal")
    #expect(!(try ForwarderConfiguration(request).text.contains("aibang.local")))
    request.zone = try DomainName("elsewhere.example")
    #expect(code(request) == .unknownZone)
  }

  @Test func defaultIsTheFirstSourceThatTheForwarderCarries() throws {
    let text = { (forwarder: Forwarder) in
      try ForwarderConfiguration(try RenderingFixture.request(forwarder)).text
    }
    #expect(try text(.coredns).contains("{client_ip}"))
    #expect(try text(.dnsdist).contains("useClientSubnet"))
    let zones = try RenderingFixture.zones(sources: "source-address, edns-namespace:65530")
    let namespace = try ForwarderConfiguration(try RenderingFixture.request(.coredns, zones: zones)).text
    #expect(namespace.contains("set 0xfffa {kubernetes/client-namespace} revert"))
  }

  @Test func methodThatIsNotCarriedIsRefusedWithThoseThatAre() throws {
    let request = try RenderingFixture.request(.nodelocal, .namespace)
    let error = #expect(throws: RenderingError.self) { try ForwarderConfiguration(request) }
    #expect(error?.code == .methodNotCarried)
    #expect(error?.description.contains("it can by client-ip, ecs") == true)
  }

  @Test func whatIsMissingIsNamed() throws {
    let direct = try RenderingFixture.zones(sources: "source-address")
    #expect(code(try RenderingFixture.request(.coredns, .ecs, zones: direct)) == .sourceNotListed)
    #expect(code(try RenderingFixture.request(.dnsmasq, zones: direct)) == .sourceNotListed)
    let others = try RenderingFixture.zones(forwarders: "{cidr: 10.0.0.53/32, sources: [edns-client-subnet]}")
    #expect(code(try RenderingFixture.request(.coredns, .clientIP, zones: others)) == .sourceNotListed)
    #expect(code(try RenderingFixture.request(.coredns, .ecs, zones: others)) == nil)
    let untrusted = try RenderingFixture.zones(forwarders: "")
    #expect(code(try RenderingFixture.request(.coredns, zones: untrusted)) == .noTrustedForwarder)
    #expect(code(try RenderingFixture.request(.coredns, servers: [])) == .noServer)
    #expect(code(try RenderingFixture.request(.coredns, servers: ["10.0.0.1:0"])) == .portMissing)
    let many = (1...16).map { "10.0.0.\($0):53" }
    #expect(code(try RenderingFixture.request(.coredns, servers: many)) == .tooManyServers)
    #expect(code(try RenderingFixture.request(.coredns, zones: [])) == .noZone)
    var views = try RenderingFixture.request(.bind)
    views.views = []
    #expect(code(views) == .noViews)
    views = try RenderingFixture.request(.bind, .views)
    views.views[0].endpoints = try many.map { try #require(Endpoint($0)) }
    #expect(code(views) == .tooManyServers)
    views.views[0].endpoints = [Endpoint(address: IPAddress(v4: 0x7F00_0001), port: 0)]
    #expect(code(views) == .portMissing)
  }

  @Test func serverThatCannotBeAskedIsRefused() throws {
    for address in ["0.0.0.0:53", "[::]:53"] {
      #expect(code(try RenderingFixture.request(.coredns, servers: ["10.0.0.1:53", address])) == .addressUnspecified)
    }
    #expect(code(try RenderingFixture.request(.coredns, servers: ["10.0.0.1:53", "10.0.0.1:53"])) == .serverTwice)
    #expect(code(try RenderingFixture.request(.coredns, servers: ["10.0.0.1:53", "10.0.0.1:5300"])) == nil)
    var request = try RenderingFixture.request(.bind)
    request.views[1].endpoints = request.views[0].endpoints
    #expect(code(request) == .serverTwice)
  }

  @Test func namespaceOfAClientIsNotAskedForInTheClusterDomain() throws {
    for apex in ["egress.cluster.local", "cluster.local"] {
      let zones = try RenderingFixture.zones(apex: apex)
      #expect(code(try RenderingFixture.request(.coredns, .namespace, zones: zones)) == .zoneInClusterDomain)
      #expect(code(try RenderingFixture.request(.coredns, .views, zones: zones)) == .zoneInClusterDomain)
      #expect(code(try RenderingFixture.request(.coredns, .clientIP, zones: zones)) == nil)
      #expect(code(try RenderingFixture.request(.bind, .views, zones: zones)) == nil)
    }
  }

  /// Each `kubernetes` watches all pods, and there is one for each block that has it.
  @Test func zonesWithTheSameRulesShareABlock() throws {
    let other = try RenderingFixture.zones(apex: "other.example").map { zone in
      var zone = zone
      zone.aliases = []
      return zone
    }
    let text = { (method: IdentityMethod, sources: String) in
      let zones =
        try RenderingFixture.zones() + other + RenderingFixture.zones(sources: sources, apex: "third.example")
      return try ForwarderConfiguration(try RenderingFixture.request(.coredns, method, zones: zones)).text
    }
    let keys = "\nintra.aibang.local:53 intra.aibang.internal:53 other.example:53 {\n"
    for (method, count) in [(IdentityMethod.namespace, 2), (.views, 4)] {
      let text = try text(method, "edns-namespace:65519")
      #expect(text.contains(keys))
      #expect(text.split(separator: "    kubernetes cluster.local {").count - 1 == count)
    }
  }

  @Test(arguments: [#"in\"tra.example"#, #"a\{b.example"#, #"a\;b.example"#, #"a\010b.example"#, #"a\/b.example"#])
  func nameThatCouldMeanSomethingElseIsNotWritten(apex: String) throws {
    var zones = try RenderingFixture.zones()
    zones[0].aliases = [try DomainName(apex)]
    for (forwarder, method) in Self.combinations {
      #expect(code(try RenderingFixture.request(forwarder, method, zones: zones)) == .nameNotWritable)
    }
  }

  @Test(arguments: ["a' || true || '", "a\n}", "", "A", "a\"; any"])
  func namespaceThatIsNoneIsNotWritten(namespace: String) throws {
    for forwarder in [Forwarder.coredns, .bind] {
      var request = try RenderingFixture.request(forwarder, .views)
      request.views[0].namespace = namespace
      #expect(code(request) == .badNamespace)
    }
  }

  @Test func weakForwardersAreWarnedOf() throws {
    let warnings = { (request: ForwarderConfiguration.Request) in try ForwarderConfiguration(request).warnings }
    #expect(try warnings(try RenderingFixture.request(.unbound)).contains { $0.contains("can be anyone") })
    #expect(try warnings(try RenderingFixture.request(.nodelocal)).isEmpty)
    let zones = try RenderingFixture.zones(forwarders: "{serviceAccount: {namespace: kube-system, name: x}}")
    #expect(try warnings(try RenderingFixture.request(.nodelocal, zones: zones)).count == 1)
  }

  private func code(_ request: ForwarderConfiguration.Request) -> RenderingError.Code? {
    do throws(RenderingError) {
      _ = try ForwarderConfiguration(request)
      return nil
    } catch {
      return error.code
    }
  }
}
