import DNSWire
import Steering
import SteeringPolicy
import Synchronization
import TestSupport
import Testing

@testable import ProxyRoutes

/// Parents of which some are down.
final class FakeParents: ParentStatus {
  let down = Mutex<Set<String>>([])

  func isUp(_ parent: EgressRoute.ParentProxy, checkedBy check: EgressRoute.HealthCheck) -> Bool {
    !down.withLock { $0.contains(parent.host) }
  }
}

/// Remembers what it is told.
final class FakeRecorder: DecisionRecording, ConnectionTracking {
  let decisions = Mutex<[(ProxyRequest, ProxyDecision)]>([])
  let opened = Mutex<[ProxyRequest]>([])

  func record(_ request: ProxyRequest, _ decision: ProxyDecision, in snapshot: Snapshot) {
    decisions.withLock { $0.append((request, decision)) }
  }

  func opened(_ request: ProxyRequest, route: Int, in snapshot: Snapshot) {
    opened.withLock { $0.append(request) }
  }
}

/// `TestPolicy.minimal`, with parents.
enum DecidingPolicy {
  static func snapshot(parents: Int = 1, _ change: (inout PolicySet) -> Void = { _ in }) throws -> Snapshot {
    var policy = try TestPolicy.policy(TestPolicy.minimal)
    policy.routes[0].parentProxies = (0..<parents).map { EgressRoute.ParentProxy(host: "parent\($0)", port: 3128) }
    change(&policy)
    return try #require(SnapshotCompiler.compile(.init(policy: policy, serial: 7)).snapshot)
  }
}

@Suite struct DeciderTests {
  private let parents = FakeParents()
  private let recorder = FakeRecorder()

  private func decider(_ snapshot: Snapshot) -> Decider {
    Decider(snapshot, parents: parents, connections: recorder, log: recorder)
  }

  private func reply(_ decider: Decider, _ line: String) -> String? {
    decider.reply(to: Array(line.utf8)).map { String(decoding: $0, as: UTF8.self) }
  }

  private func peers(_ reply: String?) -> [String] {
    (reply ?? "").split(whereSeparator: \.isWhitespace).filter { $0.hasPrefix("peer=") }.map {
      String($0.dropFirst(5))
    }
  }

  private static let allowed = "7 10.8.1.1 40001 13128 CONNECT login.example.com 443 -"

  @Test func whatThePolicyAllowsIsLetThroughByThePeersOfTheRoute() throws {
    let snapshot = try DecidingPolicy.snapshot(parents: 2)
    let decider = decider(snapshot)
    let reply = self.reply(decider, Self.allowed) ?? ""
    let peers = ParentPeers(of: snapshot.routes).peers(ofRoute: 0).map(\.name)
    #expect(
      reply == "7 OK reason=allowed route=one peer=\(peers[0]) peer=\(peers[1]) generation=\(snapshot.generation) "
        + "namespace=team-a pod=api rule=team-a/one serviceAccount=default identity=pod\n")
    #expect(decider.counts == counts(allowed: 1, reasons: ["allowed": 1]))
    #expect(recorder.decisions.withLock { $0.map(\.1.reason) } == [.allowed])
  }

  private func counts(allowed: UInt64 = 0, denied: UInt64 = 0, malformed: UInt64 = 0, reasons: [String: UInt64])
    -> DecisionCounts
  {
    var counts = DecisionCounts()
    (counts.allowed, counts.denied, counts.malformed) = (allowed, denied, malformed)
    counts.reasons = reasons
    return counts
  }

  @Test func whatThePolicyDeniesIsRefusedWithTheReason() throws {
    let decider = decider(try DecidingPolicy.snapshot())
    let cases = [
      ("10.8.2.1 1 13128 CONNECT login.example.com 443", "noRule"),
      ("10.8.1.1 1 13128 CONNECT evil.example.com 443", "destination"),
      ("10.8.1.1 1 13128 CONNECT login.example.com 22", "port"),
      ("10.8.1.1 1 13128 GET login.example.com 443", "method"),
      ("10.8.1.1 1 3128 CONNECT login.example.com 443", "noRoute"),
    ]
    for (line, reason) in cases {
      let reply = reply(decider, "1 " + line)
      #expect(reply?.hasPrefix("1 ERR reason=\(reason) ") == true, "\(reply ?? "")")
      #expect(peers(reply).isEmpty)
    }
    #expect(decider.counts.denied == 5 && decider.counts.allowed == 0)
    #expect(recorder.decisions.withLock { $0.count } == 5)
  }

  @Test func aParentThatIsDownIsNotNamed() throws {
    let snapshot = try DecidingPolicy.snapshot(parents: 3)
    let decider = decider(snapshot)
    let names = ParentPeers(of: snapshot.routes).peers(ofRoute: 0).map(\.name)
    parents.down.withLock { $0 = ["parent0"] }
    #expect(peers(reply(decider, Self.allowed)) == [names[1], names[2]])
    parents.down.withLock { $0 = ["parent0", "parent1", "parent2"] }
    let reply = reply(decider, Self.allowed)
    #expect(reply?.hasPrefix("7 OK verdict=unavailable reason=parentsDown route=one generation=") == true)
    #expect(recorder.decisions.withLock { $0.last?.1.isAllowed } == false)
    #expect(decider.counts.reasons["parentsDown"] == 1 && decider.counts.denied == 1)
  }

  @Test func aRouteWithoutParentsIsNeverServedDirectly() throws {
    let decider = decider(try DecidingPolicy.snapshot(parents: 0))
    #expect(reply(decider, Self.allowed)?.hasPrefix("7 OK verdict=unavailable reason=noParent ") == true)
    #expect(
      reply(decider, "7 10.8.2.1 1 13128 CONNECT login.example.com 443")?.hasPrefix("7 ERR reason=noRule") == true)
  }

  @Test func anotherSnapshotDecidesFromThenOn() throws {
    let decider = decider(try DecidingPolicy.snapshot())
    #expect(reply(decider, Self.allowed)?.hasPrefix("7 OK ") == true)
    decider.publish(try DecidingPolicy.snapshot { $0.policies = [] })
    #expect(reply(decider, Self.allowed)?.hasPrefix("7 ERR reason=noRule") == true)
  }

  @Test func onlyConnectionsThatMayHaveToBeClosedAreKeptAccountOf() throws {
    let keeping = decider(try DecidingPolicy.snapshot())
    _ = reply(keeping, Self.allowed)
    #expect(recorder.opened.withLock { $0.isEmpty })
    let closing = decider(try DecidingPolicy.snapshot { $0.routes[0].onRevocation = .close })
    _ = reply(closing, Self.allowed)
    _ = reply(closing, "8 10.8.2.1 1 13128 CONNECT login.example.com 443")
    parents.down.withLock { $0 = ["parent0"] }
    _ = reply(closing, Self.allowed)
    #expect(recorder.opened.withLock { $0.map(\.clientPort) } == [40_001])
  }

  @Test(arguments: [
    "7 ", "7 x", "7 10.8.1.1 1 13128 CONNECT %00 443", "7 \u{FF}", "7 10.8.1.1 1 13128 CONNECT a 65536",
  ])
  func everyLineWithAChannelIsAnswered(line: String) throws {
    let decider = decider(try DecidingPolicy.snapshot())
    #expect(reply(decider, line) == "7 ERR reason=malformed\n")
    #expect(decider.counts.malformed == 1 && recorder.decisions.withLock { $0.isEmpty })
  }

  @Test func aLineWithoutAChannelIsCountedOnly() throws {
    let decider = decider(try DecidingPolicy.snapshot())
    #expect(reply(decider, "hello") == nil)
    #expect(decider.counts.malformed == 1)
  }

  @Test func theLongestNamesLeaveRoomForWhatSquidActsOn() throws {
    let snapshot = try DecidingPolicy.snapshot(parents: 16) { policy in
      policy.routes[0].name = String(repeating: "r", count: 63)
      policy.policies[0].name = String(repeating: "p", count: 253)
      policy.policies[0].rules[0].name = String(repeating: "\"", count: 4096)
      policy.inventory.pods[0].name.name = String(repeating: "x", count: 253)
    }
    let line = "9223372036854775807 10.8.1.1 1 13128 CONNECT login.example.com 443"
    let reply = self.reply(decider(snapshot), line) ?? ""
    #expect(reply.utf8.count <= 320)
    #expect(reply.hasPrefix("9223372036854775807 OK reason=allowed route=\(String(repeating: "r", count: 63)) peer="))
    #expect(peers(reply).count >= 4 && Set(peers(reply)).count == peers(reply).count)
    #expect(reply.contains(" generation=\(snapshot.generation) namespace=team-a "))
  }
}
