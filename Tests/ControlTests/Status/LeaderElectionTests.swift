import Foundation
import InMemoryLogging
import KubernetesAPI
import Logging
import TestSupport
import Testing

@testable import Control

@Suite struct LeaderElectionTests {
  private static let path = "/apis/coordination.k8s.io/v1/namespaces/intra-proxy/leases/steer"
  /// What a real API server answered.
  private static let recordings = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../KubernetesAPITests/Fixtures/kubernetes-1.36").standardized

  private let objects = FakeObjects()
  private let logs = InMemoryLogHandler()

  /// A replica; `change` makes its settings others.
  private func replica(
    _ identity: String, _ change: (inout LeaderElection.Settings) -> Void = { _ in }
  ) -> LeaderElection {
    var settings = LeaderElection.Settings(namespace: "intra-proxy", identity: identity)
    settings.retryPause = .milliseconds(1)
    // Longer than any machine is busy; a test that waits for them has its own.
    settings.duration = .seconds(3600)
    settings.renewDeadline = .seconds(3000)
    change(&settings)
    return LeaderElection(
      settings, requests: objects, logger: Logger(label: "test") { [logs] _ in logs })
  }

  /// Why replicas led no more, as they logged it.
  private var endings: [String] {
    logs.entries.filter { "\($0.message)".contains("leads no more") }.map { "\($0.metadata["reason"] ?? "")" }
  }

  private var lease: Lease? { objects.json(Self.path).flatMap { Lease(Array($0.utf8)) } }

  @Test func `the first makes the Lease and leads; the second follows`() async throws {
    let first = replica("steer-0")
    let second = replica("steer-1")
    #expect(!first.isLeader)
    await first.attempt()
    await second.attempt()
    #expect(first.isLeader)
    #expect(!second.isLeader)
    let record = try #require(lease).record
    #expect(record.holder == "steer-0")
    #expect(record.duration == 3600)
    #expect(record.transitions == 0)
    // With fewer or more digits the API server takes no such time.
    #expect(record.renewed.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/) != nil)
  }

  @Test func `renewing keeps when it was acquired, and what others wrote into the Lease`() async throws {
    objects.put(
      Self.path,
      """
      {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"steer","labels":{"app":"steer"}},
       "spec":{"holderIdentity":"steer-0","acquireTime":"2026-11-23T09:00:00.000000Z","leaseDurationSeconds":15,
       "renewTime":"2026-11-23T09:00:00.000000Z","leaseTransitions":4,"strategy":"OldestEmulationVersion"}}
      """)
    let leader = replica("steer-0")
    await leader.attempt()
    await leader.attempt()
    #expect(leader.isLeader)
    let record = try #require(lease).record
    #expect(record.acquired == "2026-11-23T09:00:00.000000Z")
    #expect(record.renewed > record.acquired)
    #expect(record.transitions == 4)
    let json = try #require(objects.json(Self.path))
    #expect(json.contains(#""strategy":"OldestEmulationVersion""#))
    #expect(json.contains(#""labels":{"app":"steer"}"#))
  }

  @Test func `a renewal is one request`() async {
    let leader = replica("steer-0")
    await leader.attempt()
    let before = objects.requests.count
    await leader.attempt()
    #expect(objects.requests.dropFirst(before).map(\.method) == [.put])
  }

  @Test func `a leader that falls silent is followed by the next, which counts the change`() async throws {
    let first = replica("steer-0") { $0.duration = .seconds(1) }
    await first.attempt()
    let second = replica("steer-1") { $0.duration = .seconds(1) }
    try await eventually("the second leads") {
      await second.attempt()
      return second.isLeader
    }
    #expect(lease?.record.holder == "steer-1")
    #expect(lease?.record.transitions == 1)
    // The first comes back, and finds that it was replaced.
    await first.attempt()
    await first.attempt()
    #expect(!first.isLeader)
    #expect(lease?.record.holder == "steer-1")
    #expect(endings == ["the Lease was changed or removed meanwhile"])
  }

  @Test func `who ends gives the Lease back, and the next need not wait`() async throws {
    let first = replica("steer-0")
    let task = Task { await first.run() }
    try await eventually("the first leads") { first.isLeader }
    task.cancel()
    await task.value
    #expect(!first.isLeader)
    #expect(lease?.record.holder == "")
    let second = replica("steer-1")
    await second.attempt()
    #expect(second.isLeader)
  }

  @Test func `who does not lead leaves the Lease alone when it ends`() async throws {
    let first = replica("steer-0")
    await first.attempt()
    let second = replica("steer-1")
    let count = objects.requests.count
    let task = Task { await second.run() }
    try await eventually("the second looked") { objects.requests.count > count }
    task.cancel()
    await task.value
    #expect(lease?.record.holder == "steer-0")
    #expect(objects.requests.dropFirst(count).allSatisfy { $0.method == .get })
  }

  @Test func `a leader that cannot renew leads no more after its deadline, and leads again when it can`() async throws
  {
    let leader = replica("steer-0") { $0.renewDeadline = .milliseconds(50) }
    await leader.attempt()
    objects.fail { _ in throw FakeObjects.Unreachable() }
    try await eventually("it leads no more") {
      await leader.attempt()
      return !leader.isLeader
    }
    #expect(endings == ["the Lease could not be renewed in time"])
    objects.fail(nil)
    await leader.attempt()
    #expect(lease?.record.holder == "steer-0")
  }

  @Test func `a leader that finds another in the Lease says who that is`() async throws {
    let leader = replica("steer-0")
    await leader.attempt()
    objects.fail { _ in throw FakeObjects.Unreachable() }
    await leader.attempt()
    #expect(leader.isLeader && endings.isEmpty)
    objects.fail(nil)
    let json = try #require(objects.json(Self.path))
    objects.put(Self.path, json.replacing("steer-0", with: "steer-1"))
    await leader.attempt()
    #expect(!leader.isLeader)
    #expect(endings == ["steer-1 holds the Lease"])
  }

  @Test func `a Lease that is removed is made again`() async {
    let leader = replica("steer-0")
    await leader.attempt()
    objects.remove(Self.path)
    await leader.attempt()
    await leader.attempt()
    #expect(lease?.record.holder == "steer-0")
  }

  @Test(arguments: 0..<20) func `of many that try at once, one leads`(round: Int) async {
    let replicas = (0..<5).map { replica("steer-\($0)") }
    await withTaskGroup { group in
      for replica in replicas {
        group.addTask { for _ in 0..<5 { await replica.attempt() } }
      }
    }
    #expect(replicas.count { $0.isLeader } == 1)
  }

  @Test func `a Lease that a real API server made is read, and its refusals are not taken for leading`() async throws
  {
    func answer(_ name: String) throws -> KubernetesClient.Answer {
      let text = try String(contentsOf: Self.recordings.appending(path: name), encoding: .utf8)
      let parts = try #require(text.firstRange(of: "\r\n\r\n") ?? text.firstRange(of: "\n\n"))
      let status = try #require(text.firstMatch(of: /HTTP\/2 (\d+)/).flatMap { Int($0.1) })
      return KubernetesClient.Answer(status: status, body: Array(text[parts.upperBound...].utf8))
    }
    let made = try answer("lease.create.201.txt")
    #expect(Lease(made.body)?.record.holder == "steer-0")
    #expect(Lease(made.body)?.record.duration == 15)
    let taken = try answer("lease.create.409.txt")
    let changed = try answer("lease.update.409.txt")
    #expect(APIFault(changed).description.contains("the object has been modified"))
    objects.put(Self.path, String(decoding: made.body, as: UTF8.self))
    objects.fail { $0.method == .put ? changed : $0.method == .post ? taken : nil }
    let loser = replica("steer-0")
    await loser.attempt()
    objects.remove(Self.path)
    await loser.attempt()
    #expect(!loser.isLeader)
    #expect(objects.requests.map(\.method) == [.get, .put, .get, .post])
  }

  @Test func `who may not have Leases is told what to allow`() {
    let fault = APIFault(
      KubernetesClient.Answer(status: 403, body: Array(#"{"message":"leases is forbidden"}"#.utf8)))
    #expect(fault.remedy(verbs: "get, create, update", of: "leases").contains("allow Steer's service account to get"))
    #expect(fault.description == "HTTP 403: leases is forbidden")
  }
}
