import DNSWire
import Foundation
import TestSupport
import Testing

/// What `steer explain` and `steer status` say of a running server that they ask over HTTP.
@Suite struct AdminCommandTests {
  /// A server of the example, and where it is asked.
  private func serving(_ body: (SteerProcess, String) async throws -> Void) async throws {
    try await SteerProcess.serving(WorkingFolder.zones.path, ["--admin", "127.0.0.1:0"]) { server in
      try await eventually("the admin server listens") { server.child.errors.contains("admin listens") }
      let address = try #require(server.child.errors.firstMatch(of: /at=(127\.0\.0\.1:[0-9]+)/)).1
      try await body(server, String(address))
    }
  }

  @Test(arguments: [
    ["microsoft.intra.aibang.local"], ["microsoft.intra.aibang.local", "AAAA", "--output", "json"],
    ["--via", "microsoft", "--connect", "login.microsoft.com:443"],
    ["--via", "microsoft", "--connect", "www.microsoft.com:443", "--method", "GET", "--output", "json"],
  ])
  func aRunningServerExplainsAsItsFilesDo(_ question: [String]) async throws {
    try await serving { server, address in
      let generation = try server.generation()
      let asked = try await SteerTests.run(
        [Steer.path, "explain", "--from", "team-b", "--server", address] + question)
      let read = try await SteerTests.run(
        [Steer.path, "explain", "--from", "team-b", "--policy", WorkingFolder.zones.path] + question)
      #expect(asked.status == 0 && asked.errors.isEmpty, "\(asked.errors)")
      // Each has a serial of its own.
      func withoutGeneration(_ text: String) -> String { text.replacing(/"?generation"?.*/, with: "") }
      #expect(withoutGeneration(asked.output) == withoutGeneration(read.output))
      #expect(asked.output.contains("\(generation.serial)/\(generation.digest.prefix(16))"))
    }
  }

  @Test func aQuestionThatMakesNoSenseIsRefusedByTheServerWithTheReason() async throws {
    try await serving { _, address in
      let unknown = try await SteerTests.run([
        Steer.path, "explain", "--server", address, "--from", "team-a/nobody", "microsoft.intra.aibang.local",
      ])
      #expect(unknown.status == 1 && unknown.output.isEmpty)
      #expect(unknown.errors.contains("There is no pod team-a/nobody"), "\(unknown.errors)")
      let senseless = try await SteerTests.run([
        Steer.path, "explain", "--server", address, "--from", "a/b/c", "a.test",
      ])
      #expect(senseless.status == 64 && senseless.errors.contains("'a/b/c' is not a client"), "\(senseless.errors)")
      let both = try await SteerTests.run([
        Steer.path, "explain", "--server", address, "--policy", "zones", "--from", "team-a", "a.test",
      ])
      #expect(both.status == 64 && both.errors.contains("goes without --policy"), "\(both.errors)")
    }
  }

  @Test func theStatusIsPrintedForPeopleProgramsAndPrometheus() async throws {
    try await serving { server, address in
      let generation = try server.generation()
      _ = try server.addresses()
      let text = try await SteerTests.run([Steer.path, "status", "--server", address])
      #expect(text.status == 0, "\(text.errors)")
      #expect(text.lines.first == "ready         yes")
      #expect(text.lines.contains("generation    \(generation.serial)/\(generation.digest.prefix(16))"))
      let json = try await SteerTests.run([Steer.path, "status", "--server", address, "--output", "json"])
      let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: [String: Any]]
      #expect(object?["server"]?["ready"] as? Bool == true && object?["proxy"] == nil)
      let metrics = try await SteerTests.run([Steer.path, "status", "--server", address, "--output", "prometheus"])
      #expect(metrics.output.contains("\nsteer_dns_decisions_total{decision=\"allowed\"} 1\n"), "\(metrics.output)")
      #expect(metrics.output.contains("\nsteer_dns_queries_total{transport=\"udp\"} 2\n"))
    }
  }

  /// Accepting fails then, which must not be the listener's end.
  @Test func aServerThatRanOutOfDescriptorsIsAskedAgainAfterwards() async throws {
    try await serving { server, address in
      let port = try #require(Endpoint(address)?.port)
      func countDescriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(server.child.identifier)/fd").count
      }
      let limit = try countDescriptors() + 4
      let limited = try await SteerTests.run(["prlimit", "--pid", "\(server.child.identifier)", "--nofile=\(limit)"])
      try #require(limited.status == 0, "\(limited.errors)")
      var held = (0..<16).compactMap { _ in try? LoopbackSocket() }
      for socket in held { try? socket.connect(to: port) }
      try await eventually("there is no descriptor left") { try countDescriptors() >= limit }
      held.removeAll()
      try await eventually("it answers again") {
        try await SteerTests.run([Steer.path, "status", "--server", address]).status == 0
      }
    }
  }

  @Test func aServerThatIsNotThereIsSaidAtOnce() async throws {
    for command in [["status"], ["explain", "--from", "team-a", "a.test"]] {
      let asked = try await SteerTests.run([Steer.path] + command + ["--server", "127.0.0.1:1"])
      #expect(asked.status == 1 && asked.output.isEmpty)
      #expect(asked.errors.contains("is 'steer serve' running there with --admin?"), "\(asked.errors)")
      let misspelt = try await SteerTests.run([Steer.path] + command + ["--server", "localhost"])
      #expect(misspelt.status == 1 && misspelt.errors.contains("is not HOST:PORT"), "\(misspelt.errors)")
    }
  }
}
