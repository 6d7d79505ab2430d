import Control
import DNSWire
import Foundation
import KubernetesAPI
import Steering
import SteeringPolicy
import Testing

/// What has errors is held back, object by object, and everything else takes effect.
@Suite struct HoldingBackTests {
  @Test func objectsOfTheClusterAreServed() throws {
    var cluster = TestCluster.withOneRoute()
    let result = cluster.load()
    #expect(result.diagnostics == [])
    #expect(try result.answer("one.steer.test", from: "team-a") == "10.96.0.1")
    #expect(try result.answer("one.steer.test", from: "team-b") == "NXDOMAIN")
    #expect(result.statuses.map(\.key.kind) == ["EgressPolicy", "EgressRoute", "SteeringZone"])
    #expect(result.statuses.allSatisfy { $0.isAccepted && $0.hasResolvedReferences && $0.servedGeneration == 1 })
    #expect(result.status("EgressRoute", "one")?.addresses.map(\.description) == ["10.96.0.1"])
  }

  @Test func aBrokenChangeLeavesTheVersionBeforeAndDoesNotStopOthers() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.apply("EgressRoute", "one", #"{"hostnames":["one.steer.test"],"listenerPort":99999}"#)
    cluster.applyRoute("two", "two.steer.test", 2)
    cluster.applyPolicy("team-b", team: "b", "two")
    let result = cluster.load()
    #expect(try result.answer("one.steer.test", from: "team-a") == "10.96.0.1")
    #expect(try result.answer("two.steer.test", from: "team-b") == "10.96.0.2")
    #expect(result.held == ["EgressRoute/one": [.invalidPort, .missingField, .missingField]])
    let status = try #require(result.status("EgressRoute", "one"))
    #expect(status.generation == 2 && status.servedGeneration == 1)
    #expect(status.diagnostics.first?.description.hasPrefix("EgressRoute/one: error: spec") == true)
    #expect(result.diagnostics.hasErrors)
  }

  @Test func whatIsPutRightIsServedAgain() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.apply("EgressRoute", "one", "{}")
    _ = cluster.load()
    cluster.applyRoute("one", "other.steer.test", 2)
    let result = cluster.load()
    #expect(result.held == [:])
    #expect(try result.answer("other.steer.test", from: "team-a") == "10.96.0.2")
    #expect(try result.answer("one.steer.test", from: "team-a") == "NXDOMAIN")
    #expect(result.status("EgressRoute", "one")?.servedGeneration == 3)
  }

  @Test func aNewObjectWithErrorsIsLeftOut() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.apply("EgressPolicy", "broken", #"{"subject":{},"egress":[]}"#)
    let result = cluster.load()
    #expect(result.held == ["EgressPolicy/broken": [.ambiguousSubject]])
    #expect(result.status("EgressPolicy", "broken")?.servedGeneration == nil)
    #expect(try result.answer("one.steer.test", from: "team-a") == "10.96.0.1")
  }

  @Test func aDenialThatIsBrokenLaterStillDenies() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.applyPolicy("quarantine", team: "a", "one", "Deny", priority: 1)
    #expect(try cluster.load().answer("one.steer.test", from: "team-a") == "NXDOMAIN")
    cluster.apply("EgressPolicy", "quarantine", #"{"priority":"high"}"#)
    let result = cluster.load()
    #expect(try result.answer("one.steer.test", from: "team-a") == "NXDOMAIN")
    #expect(result.status("EgressPolicy", "quarantine")?.servedGeneration == 1)
    // Made anew under its name it is still the one that was accepted, until it can be read.
    cluster.apply("EgressPolicy", "quarantine", #"{"priority":"high"}"#, uid: "another")
    #expect(try cluster.load().answer("one.steer.test", from: "team-a") == "NXDOMAIN")
    cluster.delete("EgressPolicy", "quarantine")
    #expect(try cluster.load().answer("one.steer.test", from: "team-a") == "10.96.0.1")
  }

  @Test func atTheFirstLoadAPolicyThatCannotBeReadRefusesAll() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.apply("EgressPolicy", "quarantine", #"{"priority":"high"}"#)
    cluster.accepted = nil
    let result = cluster.load()
    #expect(result.snapshot == nil)
    #expect(Array(result.held.keys) == ["EgressPolicy/quarantine"])
    cluster.delete("EgressPolicy", "quarantine")
    #expect(try cluster.load().answer("one.steer.test", from: "team-a") == "10.96.0.1")
  }

  @Test func atTheFirstLoadARouteThatCannotBeReadIsLeftOut() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.apply("EgressRoute", "two", "{}")
    cluster.accepted = nil
    let result = cluster.load()
    #expect(Array(result.held.keys) == ["EgressRoute/two"])
    #expect(try result.answer("one.steer.test", from: "team-a") == "10.96.0.1")
  }

  @Test func whatServesIsServedAgainAfterAStartWithWhatWasAccepted() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.applyPolicy("quarantine", team: "a", "one", "Deny", priority: 1)
    _ = cluster.load()
    cluster.apply("EgressPolicy", "quarantine", "{}")
    let before = cluster.load()
    // The coding of the state, without what was only remembered for speed.
    cluster.accepted = try cluster.accepted.map(Self.recoded)
    let after = cluster.load()
    #expect(after.snapshot?.generation.digest == before.snapshot?.generation.digest)
    #expect(after.statuses == before.statuses)
  }

  private static func recoded(_ accepted: AcceptedInputs) throws -> AcceptedInputs {
    try JSONDecoder().decode(AcceptedInputs.self, from: JSONEncoder().encode(accepted))
  }

  /// Two that want the same, made one after the other: the older has it.
  @Test(arguments: [
    ("EgressRoute/z", DiagnosticCode.duplicateHostname, "one.steer.test", 2),
    ("EgressRoute/z", .duplicateListener, "z.steer.test", 1),
  ])
  func theOlderRouteWins(place: String, code: DiagnosticCode, hostname: String, number: Int) throws {
    var cluster = TestCluster.withOneRoute()
    cluster.applyRoute("z", hostname, number)
    cluster.applyRoute("a", "\(number == 2 ? hostname : "a.steer.test")", number == 2 ? 3 : number)
    for _ in 0..<2 {
      let result = cluster.load()
      #expect(Set(result.held.keys) == ["EgressRoute/a", place])
      #expect(result.held[place] == [code])
      #expect(try result.answer("one.steer.test", from: "team-a") == "10.96.0.1")
      cluster.accepted = nil
    }
  }

  @Test func theOlderRouteWinsWhateverTheNames() throws {
    var cluster = TestCluster()
    cluster.applyZone()
    cluster.applyRoute("zz", "one.steer.test", 1)
    cluster.applyRoute("aa", "one.steer.test", 2)
    let result = cluster.load()
    #expect(result.held == ["EgressRoute/aa": [.duplicateHostname]])
    #expect(result.diagnostics.first?.message.contains("EgressRoute/zz") == true)
  }

  @Test func anOlderObjectCannotTakeByAChangeWhatAYoungerHas() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.applyRoute("two", "two.steer.test", 2)
    cluster.applyPolicy("team-b", team: "b", "two")
    _ = cluster.load()
    cluster.applyRoute("one", "two.steer.test", 1)
    let result = cluster.load()
    #expect(result.held == ["EgressRoute/one": [.duplicateHostname]])
    #expect(try result.answer("one.steer.test", from: "team-a") == "10.96.0.1")
    #expect(try result.answer("two.steer.test", from: "team-b") == "10.96.0.2")
  }

  @Test func aNameMovesFromOneRouteToAnotherInOneChange() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.applyRoute("one", "first.steer.test", 1)
    cluster.applyRoute("two", "one.steer.test", 2)
    #expect(cluster.load().held == [:])
    // If the one that gives it up is broken, the other must wait.
    cluster.applyRoute("three", "first.steer.test", 3)
    cluster.apply("EgressRoute", "one", "{}")
    let result = cluster.load()
    #expect(Set(result.held.keys) == ["EgressRoute/one", "EgressRoute/three"])
    #expect(try result.answer("first.steer.test", from: "team-a") == "10.96.0.1")
  }

  @Test func aZoneThatIsServedAlreadyIsHeldBack() throws {
    var cluster = TestCluster.withOneRoute()
    cluster.applyZone("again")
    #expect(cluster.load().held == ["SteeringZone/again": [.duplicateZone]])
  }

  @Test func aCycleOfBrokenChangesEnds() throws {
    var cluster = TestCluster.withOneRoute()
    for number in 2...9 { cluster.applyRoute("r\(number)", "r\(number).steer.test", number) }
    #expect(cluster.load().held == [:])
    // Each takes the next one's name, and the last gives none up.
    for number in 2...8 { cluster.applyRoute("r\(number)", "r\(number + 1).steer.test", number) }
    cluster.apply("EgressRoute", "r9", "{}")
    let result = cluster.load()
    #expect(result.held.count == 8)
    #expect(result.snapshot != nil)
  }
}
