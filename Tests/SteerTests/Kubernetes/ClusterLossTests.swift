import Foundation
import Glibc
import TestAPIServer
import TestSupport
import Testing

/// An API server that goes, comes back, forgets, and asks for other tokens.
@Suite(.serialized) struct ClusterLossTests {
  @Test func `while the API server is away the last state is served and called stale, and afterwards it is live`()
    async throws
  {
    try await TestCluster.running { cluster in
      try await cluster.serving { server in
        await cluster.api.stop()
        try await eventually("the server says that it is stale") {
          try await server.told("/readyz").contains("stale")
        }
        try await eventually("the log says so") { server.child.errors.contains("cannot be heard; what it told") }
        #expect(try await server.told("/readyz").contains("\"ready\":true"))
        #expect(try server.addresses(of: "microsoft", from: "127.0.0.11") == ["10.96.7.10"])
        try cluster.apply(pod: "api-2", in: "team-a", at: "127.0.0.21")
        try cluster.apply(policy: "team-b", routes: ["github"])
        try await cluster.api.restart()
        try await eventually("what changed meanwhile is served") {
          try server.addresses(of: "microsoft", from: "127.0.0.21") == ["10.96.7.10"]
            && server.addresses(of: "github", from: "127.0.0.12") == ["10.96.7.20"]
        }
        try await eventually("it is called stale no more") {
          try await !server.told("/readyz").contains("stale")
        }
        try await eventually("the log says that it is live") { server.child.errors.contains("heard again") }
        #expect(server.child.errors.matches(of: /cannot be heard; what it told|heard again/).count == 2)
      }
    }
  }

  @Test func `an API server that forgot the past is listed anew, and no answer is missing meanwhile`() async throws {
    try await TestCluster.running { cluster in
      try await cluster.serving { server in
        cluster.api.forgetPast(endsWatches: true)
        try cluster.apply(pod: "api-2", in: "team-a", at: "127.0.0.21")
        try await eventually("what came after is known") {
          #expect(try server.addresses(of: "microsoft", from: "127.0.0.11") == ["10.96.7.10"])
          return try server.addresses(of: "microsoft", from: "127.0.0.21") == ["10.96.7.10"]
        }
      }
    }
  }

  @Test func `a token that was changed in its file is used`() async throws {
    try await TestCluster.running { cluster in
      try await cluster.serving { server in
        cluster.api.accept(token: "token-2", refusingOthers: true)
        await cluster.api.dropConnections()
        try await eventually("the old token is refused") {
          cluster.api.requests.contains { $0.status == 401 }
        }
        try cluster.write(token: "token-2")
        try cluster.apply(pod: "api-2", in: "team-a", at: "127.0.0.21")
        try await eventually("the API server is heard again") {
          try server.addresses(of: "microsoft", from: "127.0.0.21") == ["10.96.7.10"]
        }
      }
    }
  }

  @Test func `a certificate authority that was changed in its file is trusted`() async throws {
    try await TestCluster.running { cluster in
      let right = try String(contentsOfFile: cluster.kubeconfig, encoding: .utf8)
      let other = try await run([
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
        "-subj", "/CN=other", "-keyout", cluster.folder.path(of: "other.key"), "-out",
        cluster.folder.path(of: "other.crt"),
      ])
      try #require(other.status == 0, "\(other.errors)")
      let wrong = Data(try Data(contentsOf: URL(filePath: cluster.folder.path(of: "other.crt"))))
        .base64EncodedString()
      let text = right.replacing(
        /"certificate-authority-data": *"[^"]*"/, with: "\"certificate-authority-data\": \"\(wrong)\"")
      try #require(text != right)
      try cluster.folder.write(text, to: "kubeconfig")
      let child = try ChildProcess(
        [Steer.path, "serve", "--listen", "127.0.0.1:0"] + cluster.arguments, in: try WorkingFolder())
      defer { child.send(SIGKILL) }
      try await eventually("it says why it waits") { child.errors.contains("cannot be heard") }
      #expect(child.output.isEmpty && cluster.api.requests.isEmpty)
      try await eventually("it says so once for all") { child.errors.contains("all 8: ") }
      #expect(child.errors.contains("is not signed by an authority that is trusted"))
      #expect(!child.errors.contains("handshake"), "\(child.errors)")
      try cluster.folder.write(right, to: "kubeconfig")
      try await eventually("it serves") { child.output.contains("listening") }
      #expect(child.errors.contains("connecting anew"))
    }
  }

  @Test func `a server that starts while the API server is away serves what was kept, and then what is`()
    async throws
  {
    try await TestCluster.running { cluster in
      let state = try WorkingFolder()
      let keeping = ["--state-folder", state.path]
      let serial = try await cluster.serving(keeping) { server in
        let serial = try server.generation().serial
        try await server.end()
        return serial
      }
      await cluster.api.stop()
      try await cluster.serving(keeping) { server in
        #expect(try server.addresses(of: "microsoft", from: "127.0.0.11") == ["10.96.7.10"])
        let unknown = try server.ask("microsoft.intra.aibang.local", from: "127.0.0.21")
        #expect(unknown.rcode == 2, "an address that was not kept may be any pod's")
        #expect(SerialComparison.isAfter(try server.generation().serial, serial))
        #expect(try await server.told("/readyz").contains("stale"))
        #expect(!server.child.errors.contains("heard again"))
        try cluster.apply(pod: "api-2", in: "team-a", at: "127.0.0.21")
        try await cluster.api.restart()
        try await eventually("what is there now is served") {
          try server.addresses(of: "microsoft", from: "127.0.0.21") == ["10.96.7.10"]
        }
        try await eventually("it is called stale no more") {
          try await !server.told("/readyz").contains("stale")
        }
        try await eventually("the log says that it is live") { server.child.errors.contains("heard again") }
      }
    }
  }

  @Test func `what was kept without the pods answers nobody, and is not ready`() async throws {
    try await TestCluster.running { cluster in
      let state = try WorkingFolder()
      let keeping = ["--state-folder", state.path]
      try await cluster.serving(keeping) { try await $0.end() }
      try FileManager.default.removeItem(atPath: state.path(of: "pods"))
      await cluster.api.stop()
      let child = try ChildProcess(
        [Steer.path, "serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"] + keeping + cluster.arguments,
        in: try WorkingFolder())
      defer { child.send(SIGKILL) }
      // It is said again and again that it waits; what was kept would have served before the third time.
      try await eventually("it waits longer than for what was kept") {
        child.errors.matches(of: /synchronizing/).count > 3
      }
      #expect(child.output.isEmpty)
      #expect(try await child.told("/readyz").contains("\"ready\":false"))
      try await cluster.api.restart()
      try await eventually("it serves once the API server tells") { child.output.contains("listening") }
    }
  }

  @Test func `a restart beside the API server goes back to the last good version of what has become bad`()
    async throws
  {
    try await TestCluster.running { cluster in
      let state = try WorkingFolder()
      let keeping = ["--state-folder", state.path]
      try await cluster.serving(keeping) { try await $0.end() }
      try cluster.apply(policy: "team-a", routes: ["microsoft"], action: "Perhaps")
      try await cluster.serving(keeping) { server in
        #expect(try server.addresses(of: "microsoft", from: "127.0.0.11") == ["10.96.7.10"])
        #expect(try server.ask("microsoft.intra.aibang.local", from: "127.0.0.12").rcode == 3)
        #expect(try await !server.told("/readyz").contains("stale"))
        try cluster.apply(policy: "team-a", routes: ["github"])
        try await eventually("its corrected version is served") {
          try server.addresses(of: "github", from: "127.0.0.11") == ["10.96.7.20"]
        }
      }
    }
  }

  @Test func `a server that waits for the API server says so, and ends when it is told to`() async throws {
    try await TestCluster.running { cluster in
      await cluster.api.stop()
      let child = try ChildProcess(
        [Steer.path, "serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"] + cluster.arguments,
        in: try WorkingFolder())
      defer { child.send(SIGKILL) }
      try await eventually("it says what it waits for") { child.errors.contains("synchronizing") }
      #expect(child.output.isEmpty)
      #expect(try await child.told("/readyz").contains("\"ready\":false"))
      child.send(SIGTERM)
      #expect(try await child.status() == 0)
    }
  }
}

extension SteerProcess {
  /// Has the server end, and waits until it has kept what it keeps.
  fileprivate func end() async throws {
    child.send(SIGTERM)
    let status = try await child.status()
    #expect(status == 0)
  }
}
