import Foundation
import Glibc
import TestSupport
import Testing

/// What a server logs.
@Suite struct LoggingTests {
  private func lines(_ server: SteerProcess) throws -> [[String: String]] {
    try server.child.errors.split(separator: "\n").map { line in
      try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String],
        "not an object of texts: \(line)")
    }
  }

  @Test func everyLineIsJSON() async throws {
    let folder = try WorkingFolder(copying: WorkingFolder.zones)
    try await SteerProcess.serving(
      folder.path, ["--log-format", "json", "--log-level", "trace", "--reload-seconds", "0"]
    ) { server in
      try folder.replace("action: Allow", with: "action: \"Al\\\"low\\n\"", in: "policies.yaml")
      server.child.send(SIGHUP)
      try await eventually("the refusal is logged") { server.child.errors.contains("policy refused") }
      server.child.send(SIGTERM)
      #expect(try await server.child.status() == 0)
      let lines = try lines(server)
      for line in lines {
        #expect(line["message"]?.isEmpty == false)
        #expect(["trace", "debug", "info", "notice", "warning", "error", "critical"].contains(line["level"]))
        let time = try #require(line["time"])
        #expect(time.contains(#/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/#), "\(time)")
      }
      let messages = lines.compactMap { $0["message"] }
      #expect(messages.first == "serving" && messages.last == "stopped")
      let fault = try #require(lines.first { $0["code"] == "invalid-value" })
      #expect(fault["level"] == "error" && fault["at"]?.contains("policies.yaml:11:") == true)
    }
  }

  @Test func reportModeLetsAQueryThroughAndLogsIt() async throws {
    let folder = try WorkingFolder(copying: WorkingFolder.zones)
    try folder.replace("  priority: 50    ", with: "  mode: Report\n  priority: 50    ", in: "policies.yaml")
    try folder.replace("name: microsoft, action: Allow", with: "name: microsoft, action: Deny", in: "policies.yaml")
    try await SteerProcess.serving(folder.path, ["--log-format", "json"]) { server in
      for _ in 0..<3 { #expect(try server.addresses() == ["10.96.7.10"]) }
      func reports() throws -> [[String: String]] {
        try lines(server).filter { $0["message"] == "enforceWouldDeny" }
      }
      func count() throws -> Int { try reports().compactMap { $0["queries"].flatMap { Int($0) } }.reduce(0, +) }
      try await eventually("the report is logged") { try count() == 3 }
      #expect(try reports().allSatisfy { $0["client"] == "127.0.0.11" && $0["route"] == "microsoft" })
      #expect(try server.addresses(from: "127.0.0.12") == ["10.96.7.11"])
      server.child.send(SIGTERM)
      #expect(try await server.child.status() == 0)
      #expect(try count() == 3, "team-b's policy enforces, and allows")
    }
  }

  /// Nobody at the other end of the logs, or of the word 'listening', is no reason to end.
  @Test(arguments: ["2>/dev/full", "2>&-", ">&-", ">/dev/full"])
  func aServerOutlivesTheReaderOfItsWords(redirection: String) async throws {
    let command = """
      exec 3>&1
      "$0" serve --policy "$1" --listen 127.0.0.1:0 --log-format json --reload-seconds 1 \(redirection) &
      server=$!
      # It says nothing that can be read; that it traps SIGTERM (bit 14 of the mask) shows that it serves.
      until ! kill -0 $server 2>/dev/null || grep -Eq '^Sig(Ign|Cgt):.*[4-7c-f][0-9a-f]{3}$' /proc/$server/status
      do sleep 0.1; done
      kill -TERM $server
      wait $server
      echo "status $?" >&3
      """
    let run = try await run(["/bin/sh", "-c", command, Steer.path, WorkingFolder.zones.path])
    #expect(run.output.contains("status 0"), "\(run.output) \(run.errors)")
  }
}
