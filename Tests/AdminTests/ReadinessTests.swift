import Control
import DNSWire
import KubernetesAPI
import Logging
import Steering
import TestSupport
import Testing

@testable import Admin

/// What is told of whether the server is alive and ready.
@Suite struct ReadinessTests {
  @Test func aServerIsAliveBeforeItServesAnything() async throws {
    try await serving { server, client in
      let alive = try await RawRequest.get("/livez", from: server.endpoint)
      #expect(alive.hasPrefix("HTTP/1.1 200 OK\r\n") && alive.hasSuffix("\r\n\r\nok\n"), "\(alive)")
      let ready = try await RawRequest.get("/readyz", from: server.endpoint)
      #expect(ready.hasPrefix("HTTP/1.1 503 "), "\(ready)")
      let status = try await client.status()
      #expect(!status.ready && status.reason == "starting" && status.generation == nil)
    }
  }

  @Test func itIsReadyOnceItServesASnapshotAndNotWhenItComesToItsEnd() async throws {
    try await serving { server, client in
      let snapshot = try TestPolicy.snapshot(TestPolicy.minimal)
      server.publish(snapshot)
      #expect(try await client.status().ready == false)
      server.begin(.numbered)
      let ready = try await RawRequest.get("/readyz", from: server.endpoint)
      #expect(ready.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(ready)")
      let status = try await client.status()
      #expect(status.ready && status.reason == nil && status.stale == nil && status.pods == 2)
      #expect(status.generation == snapshot.generation.description && status.leader == nil)
      server.drain()
      let draining = try await client.status()
      #expect(!draining.ready && draining.reason == "draining")
    }
  }

  @Test func whatIsWaitedForIsSaidByResource() async throws {
    let freshness = Freshness([.pods, .services])
    let pod = Pod(namespace: "team-a", name: "api", uid: "1")
    freshness.note([.relisting, .applied(pod), .synchronized], of: .services, count: 3)
    freshness.note([Change<Pod>.relisting, .applied(pod)], of: .pods, count: 45_000)
    try await serving(freshness: freshness) { server, client in
      let status = try await client.status()
      #expect(!status.ready && status.reason == "synchronizing pods 45000", "\(status)")
      let resources = Dictionary(uniqueKeysWithValues: status.resources.map { ($0.resource, $0) })
      #expect(resources["pods"]?.synchronized == false && resources["services"]?.synchronized == true)
      #expect(resources["pods"]?.count == 45_000 && resources["services"]?.lists == 1)
      freshness.note([Change<Pod>.lost("no route to it")], of: .pods, count: 45_000)
      freshness.note([Change<Pod>.lost("no route to it")], of: .services, count: 3)
      let lost = try await client.status()
      #expect(lost.reason == "synchronizing pods 45000; all 2: no route to it", "\(lost)")
    }
  }

  @Test func aServerThatLostItsClusterStaysReadyAndSaysHowOldItsStateIs() async throws {
    let freshness = Freshness([.pods])
    freshness.note([Change<Pod>.relisting, .synchronized], of: .pods, count: 0)
    try await serving(freshness: freshness) { server, client in
      _ = try server.serve()
      #expect(try await client.status().stale == nil)
      freshness.note([Change<Pod>.lost("connection refused")], of: .pods, count: 0)
      let status = try await client.status()
      let stale = try #require(status.stale)
      #expect(status.ready && stale >= 0)
      #expect(status.reason?.hasPrefix("stale ") == true && status.resources[0].lost == "connection refused")
      let metrics = try await client.metrics()
      #expect(metrics.contains("\nsteer_ready 1\n"))
      #expect(metrics.contains("\nsteer_kubernetes_connected{resource=\"pods\"} 0\n"))
    }
  }

  @Test func stateThatWasRestoredIsServedAsStale() async throws {
    let freshness = Freshness([.pods])
    freshness.restore([.pods], age: 300)
    try await serving(freshness: freshness) { server, client in
      _ = try server.serve()
      let status = try await client.status()
      #expect(status.ready && (300..<400).contains(status.stale ?? 0), "\(status)")
    }
  }

  @Test func objectsThatAreHeldBackAndTheLeaderAreTold() async throws {
    try await serving { server, client in
      _ = try server.serve(
        TestPolicy.minimal, ServingParts(count: { _ in 0 }, isLeader: { true }))
      let held = [ServerStatus.HeldObject(object: "EgressPolicy/team-a", reason: "unknown field 'sbject'")]
      server.show(held: held, failure: nil)
      let status = try await client.status()
      #expect(status.held == held && status.leader == true)
      server.show(held: [], failure: "port 80 cannot be had")
      let failed = try await client.status()
      #expect(failed.held.isEmpty && failed.ready && failed.failure == "port 80 cannot be had")
      #expect(failed.reason == failed.failure)
    }
  }

  @Test func aPortThatIsTakenIsNamedWithTheRemedy() async throws {
    try await serving { server, _ in
      let fault = await #expect(throws: AdminServer.Fault.self) {
        _ = try await AdminServer(at: server.endpoint, logger: silent)
      }
      let text = fault?.description ?? ""
      #expect(text.contains("\(server.endpoint)") && text.contains("--admin"), "\(text)")
    }
  }

  @Test func afterItsEndThePortIsClosed() async throws {
    let endpoint = try await serving { server, _ in server.endpoint }
    await #expect(throws: (any Error).self) { try await RawRequest.get("/livez", from: endpoint) }
  }
}
