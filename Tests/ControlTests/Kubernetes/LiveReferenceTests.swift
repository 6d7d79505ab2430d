import Control
import DNSWire
import Foundation
import KubernetesAPI
import Steering
import SteeringPolicy
import Testing

/// What a reference does not find is left out until it is there: the order in which objects come does not matter.
@Suite struct LiveReferenceTests {
  @Test func aServiceThatIsDeletedAndMadeAnewIsAnsweredWithItsNewAddress() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.inventory?.services[TestCluster.service(1)] = nil
    let without = cluster.load()
    #expect(try without.answer("one.steer.test", from: "team-a") == "NOERROR")
    let status = try #require(without.status("EgressRoute", "one"))
    #expect(status.isAccepted && !status.hasResolvedReferences && status.addresses == [])
    #expect(status.diagnostics.map(\.code) == [.unknownService])
    cluster.inventory?.services[TestCluster.service(1)] = TestCluster.clusterIP("10.96.0.77", targetPort: 13001)
    let again = cluster.load()
    #expect(try again.answer("one.steer.test", from: "team-a") == "10.96.0.77")
    #expect(again.status("EgressRoute", "one")?.hasResolvedReferences == true)
  }

  @Test(arguments: [
    (ClusterInventory.Service(addresses: [], targets: [3128: .number(13001)]), DiagnosticCode.serviceWithoutAddress),
    (TestCluster.clusterIP("10.96.0.1", targetPort: 13002), .targetPortMismatch),
    (ClusterInventory.Service(addresses: [IPAddress(v4: 0x0A60_0001)], targets: [:]), .serviceWithoutPort),
  ])
  func aServiceThatDoesNotLeadToTheRouteIsNotAnswered(service: ClusterInventory.Service, code: DiagnosticCode) throws
  {
    var cluster = TestCluster.withOneRoute()
    cluster.inventory?.services[TestCluster.service(1)] = service
    let result = cluster.load()
    #expect(result.status("EgressRoute", "one")?.diagnostics.map(\.code) == [code])
    #expect(result.status("EgressRoute", "one")?.hasResolvedReferences == false)
    #expect(try result.answer("one.steer.test", from: "team-a") == "NOERROR")
  }

  @Test func aHeadlessServiceIsAnsweredWithItsReadyEndpoints() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.inventory?.services[TestCluster.service(1)] = ClusterInventory.Service(
      addresses: [], isHeadless: true, targets: [3128: .number(13001)])
    cluster.inventory?.endpoints[TestCluster.service(1)] = ["10.8.0.2", "10.8.0.1"].compactMap { IPAddress($0) }
    #expect(try cluster.load().answer("one.steer.test", from: "team-a").split(separator: " ").count == 2)
  }

  @Test func objectsMayComeInAnyOrder() throws {
    var cluster = TestCluster()
    cluster.applyPolicy("team-a", team: "a", "one")
    let early = cluster.load()
    #expect(early.snapshot != nil && early.held == [:])
    #expect(early.status("EgressPolicy", "team-a")?.hasResolvedReferences == false)
    cluster.applyRoute("one", "one.steer.test", 1)
    #expect(cluster.load().held == [:])
    cluster.applyZone()
    let whole = cluster.load()
    #expect(try whole.answer("one.steer.test", from: "team-a") == "10.96.0.1")
    #expect(whole.diagnostics == [])
  }

  @Test func aRouteThatIsDeletedLeavesItsPoliciesAsTheyAre() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.delete("EgressRoute", "one")
    let result = cluster.load()
    #expect(result.held == [:])
    #expect(result.status("EgressPolicy", "team-a")?.diagnostics.map(\.code) == [.unknownRoute])
    #expect(try result.answer("one.steer.test", from: "team-a") == "NXDOMAIN")
  }

  @Test func aHostnameOutsideOfEveryZoneIsLeftOut() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.applyZone("other", "other.test")
    cluster.applyRoute("two", "two.other.test", 2)
    cluster.applyPolicy("team-b", team: "b", "two")
    #expect(try cluster.load().answer("two.other.test", from: "team-b") == "10.96.0.2")
    cluster.delete("SteeringZone", "other")
    let result = cluster.load()
    #expect(result.held == [:])
    #expect(result.status("EgressRoute", "two")?.diagnostics.map(\.code) == [.hostnameOutsideZone])
    #expect(try result.answer("one.steer.test", from: "team-a") == "10.96.0.1")
  }

  @Test func aTestIsRunWhenEverythingItNeedsIsThere() throws {
    var cluster = TestCluster.withOneRoute()
    let query = #""query":{"name":"one.steer.test"},"expect":{"addresses":["10.96.0.1"]}"#
    cluster.apply("EgressTest", "passes", #"{"from":{"namespace":"team-a"},\#(query)}"#)
    cluster.apply("EgressTest", "fails", #"{"from":{"namespace":"team-b"},\#(query)}"#)
    cluster.apply("EgressTest", "nobody", #"{"from":{"namespace":"team-x"},\#(query)}"#)
    var result = cluster.load()
    result.runTests(in: try #require(result.snapshot))
    #expect(result.status("EgressTest", "passes")?.testResult?.passed == true)
    #expect(result.status("EgressTest", "fails")?.testResult?.failures.count == 1)
    #expect(result.status("EgressTest", "nobody")?.testResult == nil)
    #expect(result.status("EgressTest", "nobody")?.hasResolvedReferences == false)
  }

  @Test func aTestOfARouteIsRunAgainstWhatServesWhateverElseThatHas() throws {
    var cluster = TestCluster.withOneRoute()
    let serving = try #require(cluster.load().snapshot)
    // A route before that of the test, and one that does not serve yet.
    cluster.applyRoute("earlier", "earlier.steer.test", 2)
    cluster.applyRoute("later", "later.steer.test", 3)
    for (name, route) in [("serves", "one"), ("serves-not", "later")] {
      cluster.apply(
        "EgressTest", name,
        #"{"from":{"namespace":"team-a"},"connect":{"via":"\#(route)","host":"login.example.com","expect":"Allow"}}"#)
    }
    var result = cluster.load()
    result.runTests(in: serving)
    #expect(result.status("EgressTest", "serves")?.testResult?.passed == true)
    #expect(result.status("EgressTest", "serves-not")?.testResult?.failures == ["the route later does not serve"])
  }

  @Test func whatIsToBeDoneAboutANamespaceIsToBeDoneInTheCluster() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.apply(
      "EgressPolicy", "team-x",
      #"{"subject":{"serviceAccounts":[{"namespace":"team-x","name":"api"}]},"#
        + #""egress":[{"name":"one","action":"Allow","routeRefs":[{"name":"one"}]}]}"#)
    cluster.apply(
      "EgressTest", "nobody",
      #"{"from":{"namespace":"team-y"},"query":{"name":"one.steer.test"},"expect":{"rcode":"NXDOMAIN"}}"#)
    let result = cluster.load()
    for (kind, name) in [("EgressPolicy", "team-x"), ("EgressTest", "nobody")] {
      let messages = result.status(kind, name)?.diagnostics.map(\.message) ?? []
      #expect(
        messages.count == 1 && messages[0].hasSuffix("; create the namespace in the cluster, or correct the name"))
    }
  }

  @Test func everyServiceThatIsNamedIsKnownToTheLoad() {
    var cluster = TestCluster.withOneRoute()
    cluster.applyRoute("two", "two.steer.test", 42)
    #expect(cluster.load().policy?.services == [TestCluster.service(1), TestCluster.service(42)])
  }
}

/// The Services of a real cluster, as its watch told their changes.
@Suite struct RecordedServiceTests {
  private struct Event: Decodable {
    struct Object: Decodable {
      struct Metadata: Decodable { var name: String?, namespace: String?, uid: String? }
      struct Spec: Decodable {
        struct Port: Decodable { var port: Int32, `protocol`: String, targetPort: Int32 }
        var clusterIP: String?, clusterIPs: [String]?, type: String?, ports: [Port]?
      }
      var metadata: Metadata, spec: Spec?
    }
    var type: String, object: Object
  }

  /// The recorded changes; bookmarks have no ports.
  private static func events() throws -> [(type: String, service: Service)] {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../KubernetesAPITests/Fixtures/kubernetes-1.36/services.watch.txt").standardized
    let lines = try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isNewline).filter {
      $0.hasPrefix("{")
    }
    return try lines.compactMap { line in
      let event = try JSONDecoder().decode(Event.self, from: Data(line.utf8))
      let metadata = event.object.metadata
      guard let spec = event.object.spec, let written = spec.ports, let namespace = metadata.namespace,
        let name = metadata.name
      else {
        return nil
      }
      let ports = written.map {
        Service.Port(port: $0.port, transport: $0.protocol, target: .number($0.targetPort))
      }
      return (
        event.type,
        Service(
          namespace: namespace, name: name, uid: metadata.uid ?? "",
          clusterIPs: spec.clusterIPs ?? [spec.clusterIP ?? ""],
          type: spec.type ?? "ClusterIP",
          ports: ports)
      )
    }
  }

  @Test func aServiceThatWasDeletedAndMadeAnewIsFollowed() throws {
    var cluster = TestCluster()
    cluster.applyZone()
    cluster.apply(
      "EgressRoute", "squid",
      #"{"hostnames":["squid.steer.test"],"backendRefs":[{"namespace":"intra-proxy","name":"squid-proxy","port":3128}],"#
        + #""listenerPort":3128,"domainNames":["login.example.com"]}"#)
    cluster.applyPolicy("squid", team: "a", "squid")
    var answers: [String] = []
    for (type, service) in try Self.events() {
      let name = NamespacedName(namespace: service.namespace, name: service.name)
      cluster.inventory?.services[name] = type == "DELETED" ? nil : ClusterInventory.Service(service)
      answers.append(try cluster.load().answer("squid.steer.test", from: "team-a"))
    }
    #expect(answers == ["NOERROR", "10.96.87.148", "10.96.87.148"])
  }
}
