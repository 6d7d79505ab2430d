import DNSWire
import Foundation
import TestSupport
import Testing

/// `steer audit` on the query log of a running server and the lines of connections.
@Suite struct AuditCommandTests {
  /// A line of the connect log, now.
  private static func connect(
    _ client: String, pod: String, namespace: String, reason: String = "allowed",
    host: String = "login.microsoft.com",
    time: Date = Date()
  ) -> String {
    let formatter = ISO8601DateFormatter()
    formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
    let text = formatter.string(from: time)
    return """
      {"time":"\(text)","client":"\(client)","clientPort":40000,"listenerPort":13128,"method":"CONNECT","host":"\(host)",\
      "port":443,"identity":"pod","namespace":"\(namespace)","pod":"\(pod)","route":"microsoft",\
      "verdict":"\(reason == "allowed" ? "Allow" : "Deny")","reason":"\(reason)","generation":"1/0"}

      """
  }

  /// The query log of a server that a pod of team-a (127.0.0.11) and one of team-b (127.0.0.12) asked for microsoft.
  private func queryLog(in folder: WorkingFolder) async throws -> String {
    let file = folder.path(of: "queries.log")
    try await SteerProcess.serving(nil, ["--policy", WorkingFolder.zones.path, "--query-log", file]) { server in
      for source in ["127.0.0.11", "127.0.0.12"] { _ = try server.addresses(from: source) }
      _ = try server.ask("github.intra.aibang.local", from: "127.0.0.12")
      server.child.send(SIGTERM)
      #expect(try await server.child.status() == 0)
    }
    return file
  }

  /// The parts of a report that the tests look at.
  private struct Report: Decodable {
    struct Tally: Decodable { var count: Int }
    struct Denial: Decodable { var of: String, reason: String, count: Int, destination: String? }
    struct Entry: Decodable {
      var namespace: String?, pod: String?, route: String
      var resolved: Tally?, connected: Tally?, unresolved: Tally?
      var neverConnected: Bool
      var denied: [Denial]
    }
    struct Place: Decodable { var file: String, line: Int, reason: String }
    struct Input: Decodable { var lines: Int, taken: Int, dropped: Int, unreadable: Int, firstUnreadable: Place? }
    var queries: Input, connects: Input
    var entries: [Entry]
  }

  private func report(_ arguments: String...) async throws -> Report {
    let audit = try await run([Steer.path, "audit"] + arguments + ["--output", "json"])
    try #require(audit.status == 0, "\(audit.errors)")
    return try JSONDecoder().decode(Report.self, from: Data(audit.output.utf8))
  }

  @Test func theLogsOfAServerAreJoined() async throws {
    let folder = try WorkingFolder()
    let queries = try await queryLog(in: folder)
    let connects = folder.path(of: "connects.log")
    let lines =
      Self.connect("127.0.0.11", pod: "api-0", namespace: "team-a") + "{\"dropped\":2}\n"
      + Self.connect("127.0.0.14", pod: "web", namespace: "team-c", reason: "noRule", host: "x\\u001b[2Jy")
      + "torn {\n"
    try lines.write(toFile: connects, atomically: true, encoding: .utf8)
    let report = try await report("--queries", queries, "--connects", connects)
    #expect(report.queries.lines == 3 && report.queries.taken == 3 && report.queries.unreadable == 0)
    #expect(report.connects.lines == 4 && report.connects.taken == 2 && report.connects.dropped == 2)
    let place = try #require(report.connects.firstUnreadable)
    #expect(place.file == connects && place.line == 4 && place.reason == "is no JSON object")
    let denied = try #require(report.entries.first { $0.namespace == "team-c" })
    #expect(denied.unresolved?.count == 1 && denied.denied.first?.reason == "noRule")
    #expect(denied.denied.first?.destination == "x\u{1B}[2Jy:443")
    let resolvers = report.entries.filter {
      $0.namespace != "team-c" && $0.route == "microsoft" && $0.resolved != nil
    }
    #expect(resolvers.count == 2 && resolvers.allSatisfy { $0.resolved?.count == 1 && $0.unresolved == nil })

    let text = try await Steer.run("audit", "--queries", queries, "--connects", connects)
    #expect(text.status == 0 && text.errors.isEmpty)
    #expect(
      text.output.contains("note: 1 lines of the connect log cannot be read; the first: \(connects):4 is no JSON"))
    #expect(text.output.contains("note: the connect log dropped 2 lines"))
    #expect(text.output.contains("x?[2Jy:443") && !text.output.contains("\u{1B}"))
    for title in ["Resolved, never connected", "Connected without resolving", "Denied"] {
      #expect(text.output.contains("\n\(title):\nCLIENT "), "\(text.output)")
    }
  }

  @Test func whoNeverConnectedIsWhoeverIsNotInTheConnectLog() async throws {
    let folder = try WorkingFolder()
    let queries = try await queryLog(in: folder)
    let report = try await report("--queries", queries, "--connects", "/dev/null")
    let never = report.entries.filter { $0.neverConnected && $0.route == "microsoft" }.compactMap(\.namespace)
    #expect(never == ["team-a", "team-b"])
    let pod = try #require(report.entries.first { $0.namespace == "team-a" }?.pod)
    let narrowed = try await self.report("--queries", queries, "--connects", "/dev/null", "--pod", "team-a/\(pod)")
    #expect(!narrowed.entries.isEmpty && narrowed.entries.allSatisfy { $0.namespace == "team-a" && $0.pod == pod })
    let later = try await self.report("--queries", queries, "--connects", "/dev/null", "--since", "2999-01-01")
    #expect(later.entries.isEmpty && later.queries.lines == 3 && later.queries.taken == 0)
  }

  @Test func filesComeInAnyOrderAndFromStandardInput() async throws {
    let folder = try WorkingFolder()
    let (one, two) = (folder.path(of: "one"), folder.path(of: "two"))
    let now = Date()
    try Self.connect("10.0.0.1", pod: "a", namespace: "n", time: now).write(
      toFile: one, atomically: true, encoding: .utf8)
    try Self.connect("10.0.0.1", pod: "a", namespace: "n", time: now.addingTimeInterval(60)).dropLast().description
      .write(toFile: two, atomically: true, encoding: .utf8)
    let command = "exec \"$0\" audit --queries /dev/null --connects \"$1\" - --output json < \"$2\""
    let forwards = try await run(["sh", "-c", command, Steer.path, one, two])
    let backwards = try await run(["sh", "-c", command, Steer.path, two, one])
    #expect(forwards.status == 0 && forwards.output == backwards.output, "\(forwards.errors)")
    let report = try JSONDecoder().decode(Report.self, from: Data(forwards.output.utf8))
    #expect(report.connects.lines == 2 && report.entries.first?.connected?.count == 2)
  }

  /// Lines around the size of the buffer that they are read into; one that is longer is counted.
  @Test func aLineThatIsTooLongIsCountedAndTheNextIsRead() async throws {
    let folder = try WorkingFolder()
    let file = folder.path(of: "connects.log")
    let line = Self.connect("10.0.0.1", pod: "a", namespace: "n")
    func padded(_ size: Int) -> String {
      "{\"pad\":\"" + String(repeating: "x", count: size - 10 - line.utf8.count) + "\"," + line.dropFirst()
    }
    let text = padded((1 << 20) - 1) + line + padded((1 << 20) + 100) + padded(3 << 20) + line
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    let report = try await report("--queries", "/dev/null", "--connects", file)
    #expect(report.connects.lines == 5 && report.connects.taken == 3 && report.connects.unreadable == 2)
    #expect(report.connects.firstUnreadable?.line == 3)
    #expect(report.connects.firstUnreadable?.reason == "is longer than any line of a log")
  }

  @Test func whatCannotBeDoneIsTold() async throws {
    for (arguments, status, says) in [
      (["--queries", "/nowhere/q", "--connects", "/dev/null"], 1, "/nowhere/q cannot be read: No such file"),
      (["--queries", "/", "--connects", "/dev/null"], 1, "/ cannot be read: Is a directory"),
      (["--queries", "-", "--connects", "-"], 64, "name - once"),
      (["--queries", "/dev/null"], 64, "--connects"),
      (["--queries", "/dev/null", "--connects", "/dev/null", "--since", "yesterday"], 64, "yesterday"),
      (
        ["--queries", "/dev/null", "--connects", "/dev/null", "--since", "2026-11-25", "--until", "2026-11-24"], 64,
        "later"
      ),
      (["--queries", "/dev/null", "--connects", "/dev/null", "--pod", "api"], 64, "NAMESPACE/POD"),
      (["--queries", "/dev/null", "--connects", "/dev/null", "--window", "0"], 64, "--window takes"),
    ] {
      let audit = try await run([Steer.path, "audit"] + arguments)
      #expect(audit.status == status && audit.errors.contains(says), "\(arguments): \(audit.errors)")
    }
  }
}
