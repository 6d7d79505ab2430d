import Control
import DNSWire
import Foundation
import KubernetesAPI
import Steering
import SteeringPolicy
import TestSupport
import Testing

/// Files and objects of the cluster beside each other, and where each rule is from.
@Suite struct PolicySourceTests {
  private static let route = """
    apiVersion: egress.aibang.com/v1alpha1
    kind: EgressRoute
    metadata: {name: filed}
    spec:
      hostnames: [filed.steer.test]
      backendRefs: [{namespace: proxy, name: route-5, port: 3128}]
      listenerPort: 13005
      domainNames: [login.example.com]
    """
  private static let broken = PolicyFile(path: "policy/routes.yaml", text: "kind: [\n")

  private static func cluster() -> TestCluster {
    var cluster = TestCluster.withOneRoute()
    cluster.files = [PolicyFile(path: "policy/routes.yaml", text: route)]
    cluster.applyPolicy("filed", team: "b", "filed")
    _ = cluster.load()
    return cluster
  }

  @Test func filesAndObjectsReferToEachOtherAndToTheLiveInventory() throws {
    var cluster = Self.cluster()
    let result = cluster.load()
    #expect(result.diagnostics == [])
    #expect(try result.answer("filed.steer.test", from: "team-b") == "10.96.0.5")
  }

  @Test func anExplanationTellsWhereRuleAndRouteAreFrom() throws {
    var cluster = Self.cluster()
    let snapshot = try #require(cluster.load().snapshot)
    let explanation = try #require(
      snapshot.explain(DomainName("filed.steer.test"), .a, for: .namespace("team-b", serviceAccount: nil)))
    #expect(explanation.decision?.origin == "EgressPolicy/filed")
    #expect(explanation.route?.origin == "policy/routes.yaml:3:18")
    // The same policy, a line further down: nothing is another but the place.
    cluster.files[0].text = "\n" + Self.route
    let moved = try #require(cluster.load().snapshot)
    let told = try snapshot.replacing(originsOf: moved)
      .explain(DomainName("filed.steer.test"), .a, for: .namespace("team-b", serviceAccount: nil))
    #expect(told?.route?.origin == "policy/routes.yaml:4:18")
    #expect(told?.generation == explanation.generation)
  }

  @Test func brokenFilesAreHeldBackTogetherAndObjectsTakeEffect() throws {
    var cluster = Self.cluster()
    cluster.files = [Self.broken]
    cluster.applyRoute("two", "two.steer.test", 2)
    cluster.applyPolicy("two", team: "a", "two")
    for _ in 0..<2 {
      let result = cluster.load()
      #expect(try result.answer("filed.steer.test", from: "team-b") == "10.96.0.5")
      #expect(try result.answer("two.steer.test", from: "team-a") == "10.96.0.2")
      #expect(result.held == [:])
      #expect(result.diagnostics.filter { $0.severity == .error }.map(\.code) == [.syntax])
    }
  }

  @Test func aFileThatCannotBeReadIsServedAsItWas() throws {
    var cluster = Self.cluster()
    cluster.files = []
    cluster.unreadable = [
      Diagnostic(.fileUnreadable, at: SourceLocation(file: "policy/routes.yaml", line: 1, column: 1), "gone")
    ]
    #expect(try cluster.load().answer("filed.steer.test", from: "team-b") == "10.96.0.5")
  }

  @Test func brokenFilesRefuseAFirstLoad() {
    var cluster = Self.cluster()
    cluster.accepted = nil
    cluster.files = [Self.broken]
    let result = cluster.load()
    #expect(result.snapshot == nil)
    // The objects are good, and serve as soon as the files are.
    #expect(result.held == [:] && result.statuses.allSatisfy { $0.servedGeneration == nil })
  }

  @Test func aFileWinsOverAnObjectThatIsNew() throws {
    var cluster = Self.cluster()
    cluster.applyRoute("taker", "filed.steer.test", 7)
    #expect(cluster.load().held == ["EgressRoute/taker": [.duplicateHostname]])
    cluster.accepted = nil
    #expect(cluster.load().held == ["EgressRoute/taker": [.duplicateHostname]])
  }

  @Test func aFileCannotTakeByAChangeWhatAnObjectHas() throws {
    var cluster = Self.cluster()
    cluster.files[0].text = Self.route.replacing("filed.steer.test", with: "one.steer.test")
    let result = cluster.load()
    #expect(result.held == [:])
    #expect(result.diagnostics.contains { $0.code == .duplicateHostname && $0.location.isObject })
    #expect(try result.answer("one.steer.test", from: "team-a") == "10.96.0.1")
    #expect(try result.answer("filed.steer.test", from: "team-b") == "10.96.0.5")
  }

  @Test func filesWithLiveInventoryAloneAreHeldBackToo() throws {
    let zone =
      "apiVersion: egress.aibang.com/v1alpha1\nkind: SteeringZone\nmetadata: {name: z}\nspec: {zone: steer.test}\n"
    let policy = """
      ---
      apiVersion: egress.aibang.com/v1alpha1
      kind: EgressPolicy
      metadata: {name: p}
      spec:
        subject: {namespaces: {matchLabels: {team: b}}}
        egress: [{action: Allow, routeRefs: [{name: filed}]}]
      ---

      """
    func load(_ text: String, _ inventory: ClusterInventory?, after accepted: AcceptedInputs?)
      -> SnapshotLoader.Result
    {
      SnapshotLoader.load(
        PolicyInputs(files: [PolicyFile(path: "p.yaml", text: text)], inventory: inventory), accepted: accepted,
        serial: 1)
    }
    var inventory = TestCluster().inventory
    let good = load(zone + policy + Self.route, inventory, after: nil)
    #expect(try good.answer("filed.steer.test", from: "team-b") == "10.96.0.5")
    inventory?.services[TestCluster.service(5)]?.addresses = [IPAddress(v4: 0x0A60_0063)]
    let broken = load(zone + "kind: [", inventory, after: good.accepted)
    #expect(try broken.answer("filed.steer.test", from: "team-b") == "10.96.0.99")
  }

  @Test func whatTheClusterHasCountsBeforeWhatFilesSayOfIt() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.files = [
      PolicyFile(
        path: "inventory.yaml",
        text: """
          {apiVersion: v1, kind: Namespace, metadata: {name: team-a, labels: {team: b}}}
          ---
          {apiVersion: v1, kind: Namespace, metadata: {name: outside, labels: {team: a}}}
          ---
          {apiVersion: v1, kind: Service, metadata: {namespace: proxy, name: route-1}, \
          spec: {clusterIP: 10.1.1.1, ports: [{port: 3128, targetPort: 13001}]}}
          ---
          {apiVersion: v1, kind: Service, metadata: {namespace: proxy, name: vm}, \
          spec: {clusterIP: 10.1.1.2, ports: [{port: 3128, targetPort: 13042}]}}
          """)
    ]
    cluster.apply(
      "EgressRoute", "vm",
      #"{"hostnames":["vm.steer.test"],"backendRefs":[{"namespace":"proxy","name":"vm","port":3128}],"#
        + #""listenerPort":13042,"domainNames":["login.example.com"]}"#)
    cluster.applyPolicy("vm", team: "a", "vm")
    let result = cluster.load()
    #expect(result.diagnostics.map(\.code) == [.inventoryTwice, .inventoryTwice])
    #expect(try result.answer("one.steer.test", from: "team-a") == "10.96.0.1")
    // What only the files have is there too.
    #expect(try result.answer("vm.steer.test", from: "outside") == "10.1.1.2")
  }

  @Test func anObjectIsReadAsItsFileWouldBe() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.apply("EgressRoute", "two", #"{"hostnames":["two.steer.test"],"listenerport":13002}"#)
    let object = try #require(cluster.objects[CustomObject.Key(kind: "EgressRoute", name: "two")])
    let inFile = PolicyLoader.load([PolicyFile(path: "two.json", text: object.json)]).diagnostics
    let inCluster = try #require(cluster.load().status("EgressRoute", "two")).diagnostics
    #expect(inCluster.map(\.message) == inFile.filter { $0.code != .noZone }.map(\.message).sorted())
    #expect(inCluster.count == 4)
  }
}
