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

  @Test func aPolicyThatServedAndIsNotKnownAnyMoreOpensNothing() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.applyPolicy("closed", team: "a", "one", "Deny", priority: 50)
    #expect(try cluster.load().answer("one.steer.test", from: "team-a") == "NXDOMAIN")
    // It says that it is accepted, in a version that nobody has any more.
    var objects = Array(cluster.objects.values)
    let running = cluster.load()
    for index in objects.indices {
      let status = try #require(running.status(objects[index].key.kind, objects[index].key.name))
      objects[index].json = try Self.written(status, into: objects[index])
      guard objects[index].key.name == "closed" else { continue }
      let bad = try #require(objects[index].version(2, spec: "{}"))
      objects[index] = bad
    }
    let accepted = AcceptedInputs(rememberedBy: objects, files: [], inventory: cluster.inventory, kept: nil)
    let inputs = PolicyInputs(files: [], objects: objects, inventory: cluster.inventory)
    #expect(SnapshotLoader.load(inputs, accepted: accepted, serial: 1).snapshot == nil)
    // What this server accepted before its start says what it was.
    let kept = AcceptedInputs(
      rememberedBy: objects, files: [], inventory: cluster.inventory, kept: running.accepted)
    let loaded = SnapshotLoader.load(inputs, accepted: kept, serial: 1)
    #expect(try loaded.answer("one.steer.test", from: "team-a") == "NXDOMAIN")
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
}
