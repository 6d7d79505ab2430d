import DNSWire
import Foundation
import KubernetesAPI
import Steering
import SteeringPolicy
import Testing

@testable import Control

/// A replica that starts beside others, and knows of them only what the objects' status tells.
@Suite struct RememberedInputsTests {
  /// Loads as a replica that runs does, and then as one that starts; what the two came to.
  private static func loads(
    _ cluster: inout TestCluster, isTold: (CustomObject.Key) -> Bool = { _ in true }
  ) throws -> (running: SnapshotLoader.Result, starting: SnapshotLoader.Result) {
    let running = cluster.load()
    var objects: [CustomObject] = []
    for status in running.statuses {
      var object = try #require(cluster.objects[status.key])
      if isTold(status.key) { object.json = try written(status, into: object) }
      objects.append(object)
    }
    let accepted = AcceptedInputs(
      rememberedBy: objects.shuffled(), files: [], inventory: cluster.inventory, kept: nil)
    let inputs = PolicyInputs(files: [], objects: objects, inventory: cluster.inventory)
    return (running, SnapshotLoader.load(inputs, accepted: accepted, serial: 1))
  }

  /// An object with the status that a leader writes.
  private static func written(_ status: ObjectStatus, into object: CustomObject) throws -> String {
    let text = try JSONEncoder().encode(PublishedStatus(status))
    return object.json.dropLast() + #","status":\#(String(decoding: text, as: UTF8.self))}"#
  }

  private static func expectTheSame(_ loads: (running: SnapshotLoader.Result, starting: SnapshotLoader.Result)) throws
  {
    #expect(loads.starting.held == loads.running.held)
    let digest = try #require(loads.running.snapshot).generation.digest
    #expect(loads.starting.snapshot?.generation.digest == digest)
  }

  @Test func aNameThatAnOlderRouteClaimsByAChangeStaysWhoseItIs() throws {
    var cluster = TestCluster()
    cluster.applyZone()
    cluster.applyRoute("mirror", "mirror.steer.test", 2)
    cluster.applyRoute("one", "one.steer.test", 1)
    cluster.applyPolicy("team-a", team: "a", "one")
    cluster.applyPolicy("team-a-mirror", team: "a", "mirror")
    _ = cluster.load()
    cluster.applyRoute("mirror", "one.steer.test", 2)
    let loads = try Self.loads(&cluster)
    #expect(loads.running.held == ["EgressRoute/mirror": [.duplicateHostname]])
    try Self.expectTheSame(loads)
    #expect(try loads.starting.answer("one.steer.test", from: "team-a") == "10.96.0.1")
    #expect(try loads.starting.answer("mirror.steer.test", from: "team-a") == "10.96.0.2")
  }

  @Test func aPolicyThatTiesWithOneThatServesStaysHeldBack() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.applyPolicy("base", team: "a", "one", "Deny")
    let loads = try Self.loads(&cluster)
    #expect(loads.running.held == ["EgressPolicy/base": [.tiedPriority]])
    try Self.expectTheSame(loads)
    #expect(try loads.starting.answer("one.steer.test", from: "team-a") == "10.96.0.1")
  }

  @Test(arguments: ["EgressRoute", "EgressPolicy", "SteeringZone"])
  func anObjectThatHasBecomeBadIsServedAsItWas(kind: String) throws {
    var cluster = TestCluster.withOneRoute()
    let name = ["EgressRoute": "one", "EgressPolicy": "team-a", "SteeringZone": "steer-test"][kind] ?? ""
    cluster.apply(kind, name, #"{"what": "\u00e9 \"is\" this {"}"#)
    let loads = try Self.loads(&cluster)
    #expect(loads.running.held.keys.sorted() == ["\(kind)/\(name)"])
    try Self.expectTheSame(loads)
    #expect(try loads.starting.answer("one.steer.test", from: "team-a") == "10.96.0.1")
  }

  @Test func aNewPolicyThatIsBadIsLeftOutWhetherItWasToldOrNot() throws {
    for isTold in [true, false] {
      var cluster = TestCluster.withOneRoute()
      cluster.apply("EgressPolicy", "new", "{}")
      try Self.expectTheSame(try Self.loads(&cluster) { isTold || $0.name != "new" })
    }
  }

  /// The objects with the status that a leader wrote, `change` then made another.
  private static func told(
    _ cluster: TestCluster, by running: SnapshotLoader.Result, _ change: (inout CustomObject) throws -> Void
  ) throws -> [CustomObject] {
    try cluster.objects.values.map { object in
      var object = object
      if let status = running.status(object.key.kind, object.key.name) {
        object.json = try written(status, into: object)
      }
      try change(&object)
      return object
    }
  }

  /// What a server comes to that starts again and again, and each time tells what it can.
  private static func start(
    _ objects: [CustomObject], in cluster: TestCluster, files: [PolicyFile] = [], unreadable: [Diagnostic] = [],
    times: Int = 3
  ) throws -> SnapshotLoader.Result {
    var objects = objects
    var result = SnapshotLoader.Result(diagnostics: [], files: [])
    for _ in 0..<times {
      let inputs = PolicyInputs(
        files: files, unreadable: unreadable, objects: objects, inventory: cluster.inventory)
      result = SnapshotLoader.loadFirst(inputs, serial: 1)
      if result.snapshot != nil { return result }
      let refused = Publisher.Refused(diagnostics: result.diagnostics, statuses: result.statuses)
      for status in LoadOutcome(refused, of: ClusterInputs(inventory: nil, objects: objects)).statuses {
        guard let place = objects.firstIndex(where: { $0.key == status.key }) else { continue }
        let spec = objects[place].spec ?? ""
        let bare =
          #"{"apiVersion":"egress.aibang.com/v1alpha1","kind":"\#(status.key.kind)","metadata":{"name":"\#(status.key.name)","uid":"\#(objects[place].uid)","generation":\#(objects[place].generation)},"spec":\#(spec)}"#
        objects[place].json = bare
        objects[place].json = try written(status, into: objects[place])
      }
    }
    return result
  }

  private static func clusterWithDenial() throws -> (TestCluster, SnapshotLoader.Result) {
    var cluster = TestCluster.withOneRoute()
    cluster.applyPolicy("closed", team: "a", "one", "Deny", priority: 50)
    let running = cluster.load()
    #expect(try running.answer("one.steer.test", from: "team-a") == "NXDOMAIN")
    return (cluster, running)
  }

  @Test(arguments: [2, 3, 9]) func aPolicyThatServedAndIsNotKnownAnyMoreOpensNothing(generation: Int64) throws {
    let (cluster, running) = try Self.clusterWithDenial()
    // It says that it is accepted, in a version that nobody has any more.
    let objects = try Self.told(cluster, by: running) { object in
      if object.key.name == "closed" { object = try #require(object.version(generation, spec: "{}")) }
    }
    #expect(try Self.start(objects, in: cluster).snapshot == nil)
    // What this server accepted before its start says what it was.
    let inputs = PolicyInputs(files: [], objects: objects, inventory: cluster.inventory)
    let loaded = SnapshotLoader.loadFirst(inputs, kept: running.accepted, serial: 1)
    #expect(try loaded.answer("one.steer.test", from: "team-a") == "NXDOMAIN")
  }

  @Test func aPolicyThatNobodyEverServedIsWaitedForHoweverOftenTheServerStarts() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.apply("EgressPolicy", "closed", "{}")
    cluster.apply("EgressTest", "test", "{}")
    #expect(try Self.start(Array(cluster.objects.values), in: cluster).snapshot == nil)
  }

  @Test func aStartThatIsRefusedForgetsNothingThatWasTold() throws {
    var (cluster, _) = try Self.clusterWithDenial()
    cluster.apply("EgressPolicy", "closed", "{}")
    let running = cluster.load()
    #expect(try running.answer("one.steer.test", from: "team-a") == "NXDOMAIN")
    // Another one is in the way of every start, until it is deleted.
    var objects = try Self.told(cluster, by: running) { _ in }
    cluster.apply("EgressPolicy", "lost", "{}")
    var lost = try #require(cluster.objects[.init(kind: "EgressPolicy", name: "lost")])
    lost.generation = 7
    objects.append(lost)
    #expect(try Self.start(objects, in: cluster).snapshot == nil)
    objects.removeLast()
    #expect(try Self.start(objects, in: cluster).answer("one.steer.test", from: "team-a") == "NXDOMAIN")
  }

  @Test func aPolicyThatWasMadeAnewWithAnErrorIsServedAsTheOneBeforeIt() throws {
    var (cluster, _) = try Self.clusterWithDenial()
    cluster.apply("EgressPolicy", "closed", "{}", uid: "made anew")
    let running = cluster.load()
    #expect(running.held.keys.sorted() == ["EgressPolicy/closed"])
    let objects = try Self.told(cluster, by: running) { _ in }
    let starting = try Self.start(objects, in: cluster)
    #expect(starting.held == running.held)
    #expect(try starting.answer("one.steer.test", from: "team-a") == "NXDOMAIN")
  }

  @Test func aFileThatCannotBeReadIsNotLeftOutWhateverTheObjectsTell() throws {
    let (cluster, running) = try Self.clusterWithDenial()
    let objects = try Self.told(cluster, by: running) { _ in }
    let fault = Diagnostic(
      .fileUnreadable, at: SourceLocation(file: "denials.yaml", line: 1, column: 1), "cannot be read; see to it")
    #expect(try Self.start(objects, in: cluster, unreadable: [fault]).snapshot == nil)
  }

  @Test func objectsThatNobodyLookedAtTellNothing() {
    let cluster = TestCluster.withOneRoute()
    let objects = Array(cluster.objects.values)
    #expect(AcceptedInputs(rememberedBy: objects, files: [], inventory: nil, kept: nil) == nil)
    #expect(AcceptedInputs(rememberedBy: [], files: [], inventory: nil, kept: nil) == nil)
  }

  @Test func anObjectMadeAnewIsNotTheOneOfBefore() throws {
    var cluster = TestCluster.withOneRoute()
    let running = cluster.load()
    cluster.applyRoute("one", "one.steer.test", 1)
    var object = try #require(cluster.objects[.init(kind: "EgressRoute", name: "one")])
    object.uid = "another"
    let accepted = AcceptedInputs(
      rememberedBy: [object], files: [], inventory: nil, kept: running.accepted)
    #expect(accepted?.objects.contains { $0.key == object.key } == false)
  }

  @Test func aPublicationThatFailsForgetsNothingThatWasTold() throws {
    var (cluster, _) = try Self.clusterWithDenial()
    cluster.apply("EgressPolicy", "closed", "{}", uid: "made anew")
    var running = cluster.load()
    running.statuses =
      LoadOutcome(
        running, of: ClusterInputs(), generation: Generation(digest: "", serial: 1), failure: "no disk",
        accepted: cluster.accepted
      ).statuses
    let objects = try Self.told(cluster, by: running) { _ in }
    #expect(try Self.start(objects, in: cluster).answer("one.steer.test", from: "team-a") == "NXDOMAIN")
  }

  @Test func aPolicyThatReplacedOneThatWasKeptOpensNothing() throws {
    var (cluster, running) = try Self.clusterWithDenial()
    cluster.apply("EgressPolicy", "closed", "{}", uid: "made anew")
    let inputs = PolicyInputs(
      files: [], objects: Array(cluster.objects.values), inventory: cluster.inventory)
    #expect(SnapshotLoader.loadFirst(inputs, kept: running.accepted, serial: 1).snapshot == nil)
    // Nothing is wrong with one that has no error.
    cluster.applyPolicy("closed", team: "b", "one", "Deny", priority: 50)
    let corrected = PolicyInputs(
      files: [], objects: Array(cluster.objects.values), inventory: cluster.inventory)
    running = SnapshotLoader.loadFirst(corrected, kept: running.accepted, serial: 1)
    #expect(try running.answer("one.steer.test", from: "team-a") == "10.96.0.1")
  }

  @Test func whatWasKeptIsNotServedWhereSomethingNewerIs() throws {
    let (cluster, running) = try Self.clusterWithDenial()
    // The second version was accepted and told; the third is bad. Kept is the first.
    let objects = try cluster.objects.values.map { object in
      guard object.key.name == "closed", var status = running.status("EgressPolicy", "closed") else { return object }
      status.generation = 2
      status.servedGeneration = 2
      var object = try #require(object.version(3, spec: "{}"))
      object.json = try Self.written(status, into: object)
      return object
    }
    let inputs = PolicyInputs(files: [], objects: objects, inventory: cluster.inventory)
    #expect(SnapshotLoader.loadFirst(inputs, kept: running.accepted, serial: 1).snapshot == nil)
  }

  @Test func aPolicyThatWasRefusedAndHasChangedMayServeByNow() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.applyPolicy("closed", team: "a", "one", "Deny")
    let tied = cluster.load()
    #expect(tied.held.keys.sorted() == ["EgressPolicy/closed"])
    // What it tied with is gone, so that it serves; then it is changed for the worse, and nobody has told.
    let objects = try Self.told(cluster, by: tied) { object in
      if object.key.name == "closed" { object = try #require(object.version(2, spec: "{}")) }
    }.filter { $0.key.name != "team-a" }
    #expect(try Self.start(objects, in: cluster).snapshot == nil)
  }

  @Test func ofPoliciesThatTieNoneIsLeftOutBecauseItWasToldLater() throws {
    var cluster = TestCluster.withOneRoute()
    let running = cluster.load()
    cluster.applyPolicy("closed", team: "a", "one", "Deny")
    // Another replica has told of the one, and not yet of the other.
    let objects = try Self.told(cluster, by: running) { _ in }
    let starting = try Self.start(objects, in: cluster)
    #expect(try starting.answer("one.steer.test", from: "team-a") == "NXDOMAIN")
    #expect(starting.held == [:])
    // Nor where both changed at once.
    var both = TestCluster()
    both.applyZone()
    both.applyRoute("one", "one.steer.test", 1)
    _ = both.load()
    both.applyPolicy("open", team: "a", "one")
    both.applyPolicy("closed", team: "a", "one", "Deny")
    let result = both.load()
    #expect(try result.answer("one.steer.test", from: "team-a") == "NXDOMAIN")
    #expect(result.held == [:])
  }

  @Test func aRouteThatIsRefusedOnlyNowDoesNotForgetWhatIsKnownOfPolicies() throws {
    var (cluster, _) = try Self.clusterWithDenial()
    cluster.apply("EgressPolicy", "closed", "{}")
    let running = cluster.load()
    // A server that looks at more refuses a route that another accepted.
    let objects = try Self.told(cluster, by: running) { object in
      guard object.key.name == "one" else { return }
      object.json = object.json.replacing("login.example.com", with: "no name")
    }
    let starting = try Self.start(objects, in: cluster)
    #expect(starting.snapshot != nil && starting.held.keys.sorted() == ["EgressPolicy/closed", "EgressRoute/one"])
  }
}
