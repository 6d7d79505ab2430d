import Foundation
import KubernetesAPI
import Logging
import Steering
import SteeringPolicy
import TestAPIServer
import TestSupport
import Testing

@testable import Control

/// Leader election and status together, by the client and over TLS.
@Suite struct ClusterStatusTests {
  /// A replica: an election, and a writer that writes while it leads.
  private struct Replica {
    let election: LeaderElection
    let writer: StatusWriter
    let running: Task<Void, Never>

    init(_ name: String, _ client: KubernetesClient) {
      let logger = Logger(label: name) { _ in SwiftLogNoOpLogHandler() }
      var settings = LeaderElection.Settings(namespace: "intra-proxy", identity: name)
      settings.retryPause = .milliseconds(20)
      // Longer than any machine is busy: who leads then leads until it ends.
      settings.duration = .seconds(3600)
      settings.renewDeadline = .seconds(3000)
      let election = LeaderElection(settings, requests: client, logger: logger)
      var limits = StatusWriter.Limits()
      limits.pause = .milliseconds(5)
      limits.longestPause = .milliseconds(20)
      limits.rest = .zero
      let writer = StatusWriter(requests: client, instance: name, limits: limits, logger: logger) {
        election.isLeader
      }
      self.election = election
      self.writer = writer
      running = Task {
        await withTaskGroup { group in
          group.addTask { await election.run() }
          group.addTask { await writer.run() }
        }
      }
    }

    /// Takes what a load found out about the route.
    func update(_ status: ObjectStatus, of object: CustomObject) async {
      let generation = Generation(digest: String(repeating: "ab", count: 32), serial: 7)
      await writer.update([status], of: [object], generation: generation)
    }

    func end() async {
      running.cancel()
      await running.value
    }
  }

  /// Calls `body` with a server that has an EgressRoute `partner`, and a client of it.
  private func withServer(_ body: (TestAPIServer, KubernetesClient) async throws -> Void) async throws {
    let server = try await TestAPIServer.start()
    try server.apply(.custom(.egressRoutes, name: "partner", spec: "{}"))
    let kubeconfig = FileManager.default.temporaryDirectory.appending(path: "steer-\(UUID().uuidString).kubeconfig")
    try Data(server.kubeconfig().utf8).write(to: kubeconfig)
    defer { try? FileManager.default.removeItem(at: kubeconfig) }
    let client = try KubernetesClient(
      ClusterAccess.kubeconfig(path: kubeconfig.path), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
    let result = await Result { try await body(server, client) }
    await client.shutdown()
    await server.stop()
    try result.get()
  }

  private func route(of server: TestAPIServer) throws -> CustomObject {
    let json = try #require(server.object(.egressRoutes, name: "partner"))
    return CustomObject(
      key: .init(kind: "EgressRoute", name: "partner"), uid: json[path: "metadata", "uid"]?.text ?? "",
      resourceVersion: json[path: "metadata", "resourceVersion"]?.text ?? "", generation: 1, created: 0,
      json: String(decoding: json.compact, as: UTF8.self))
  }

  private func accepted(_ object: CustomObject) -> ObjectStatus {
    ObjectStatus(
      key: object.key, uid: object.uid, generation: 1, servedGeneration: 1, isAccepted: true,
      hasResolvedReferences: true)
  }

  private func refused(_ object: CustomObject) -> ObjectStatus {
    let place = SourceLocation(file: "EgressRoute/partner", line: 0, column: 0)
    return ObjectStatus(
      key: object.key, uid: object.uid, generation: 1, servedGeneration: nil, isAccepted: false,
      hasResolvedReferences: true, diagnostics: [Diagnostic(.missingField, at: place, "spec.hostnames is missing")])
  }

  private func says(_ status: String, _ server: TestAPIServer) -> Bool {
    let conditions = server.object(.egressRoutes, name: "partner")?[path: "status", "conditions"]?.elements ?? []
    return conditions.contains { $0["type"]?.text == "Accepted" && $0["status"]?.text == status }
  }

  private func statusWrites(_ server: TestAPIServer) -> Int {
    server.requests.count { $0.path.hasSuffix("/status") && $0.status == 200 }
  }

  @Test func `of two replicas one writes, and when it ends the other goes on without writing the same again`()
    async throws
  {
    try await withServer { server, client in
      let before = try route(of: server)
      let first = Replica("steer-0", client)
      try await eventually("the first leads") { first.election.isLeader }
      let second = Replica("steer-1", client)
      // What the watch tells the second of the first's writes, it may be told late.
      for replica in [first, second] { await replica.update(accepted(before), of: before) }
      try await eventually("the status is written") { says("True", server) }
      await first.end()
      try await eventually("the second leads") { second.election.isLeader }
      try await eventually("the second looked at the object") {
        server.requests.count { $0.verb == .get && $0.resource == .egressRoutes } >= 2
      }
      #expect(statusWrites(server) == 1)
      await second.update(refused(before), of: try route(of: server))
      try await eventually("the refusal is written, and told") {
        says("False", server) && server.objects(.events).count == 1
      }
      #expect(statusWrites(server) == 2)
      await second.end()
    }
  }

  @Test func `nothing is asked of the API server that the service account is not documented to need`() async throws {
    try await withServer { server, client in
      let replica = Replica("steer-0", client)
      let before = try route(of: server)
      await replica.update(refused(before), of: before)
      try await eventually("the refusal is told") { server.objects(.events).count == 1 }
      try await eventually("the Lease is renewed") {
        server.requests.contains { $0.resource == .leases && $0.verb == .update }
      }
      await replica.end()
      let asked = Set(server.requests.map { "\($0.method) \($0.path)" })
      let leases = "/apis/coordination.k8s.io/v1/namespaces/intra-proxy/leases"
      let path = "/apis/egress.aibang.com/v1alpha1/egressroutes/partner"
      #expect(
        asked == [
          "GET \(leases)/steer", "POST \(leases)", "PUT \(leases)/steer", "GET \(path)", "PATCH \(path)/status",
          "POST /apis/events.k8s.io/v1/namespaces/default/events",
        ])
    }
  }

  @Test func `what the API server refuses for a while is written when it takes it`() async throws {
    try await withServer { server, client in
      server.forbid(.create, .leases)
      server.plan(.tooManyRequests(retryAfter: 0), for: .get, of: .leases, times: 2)
      server.plan(.internalError, for: .patch, of: .egressRoutes, times: 2)
      server.plan(.drops(afterOctets: 10), for: .get, of: .egressRoutes, times: 2)
      let replica = Replica("steer-0", client)
      let before = try route(of: server)
      await replica.update(accepted(before), of: before)
      try await eventually("the Lease is refused") {
        server.requests.contains { $0.resource == .leases && $0.status == 403 }
      }
      #expect(!replica.election.isLeader)
      #expect(statusWrites(server) == 0)
      server.forbid(.create, .leases, false)
      try await eventually("the status is written") { says("True", server) }
      await replica.end()
    }
  }
}

extension Result where Failure == any Error {
  /// What came of a body that waits.
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
