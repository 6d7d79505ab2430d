import Foundation
import Testing

/// The commands that ask a policy: `test`, `explain` and `matrix`.
@Suite struct PolicyQuestionTests {
  private static let zones = WorkingFolder.zones.path

  private func explain(_ arguments: String...) async throws -> Finished {
    try await run([Steer.path, "explain", "--policy", Self.zones, "--from"] + arguments)
  }

  private func json(_ finished: Finished) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [String: Any])
  }

  @Test func theExamplePassesItsTests() async throws {
    let test = try await Steer.run("test", Self.zones)
    #expect(test.status == 0)
    #expect(test.lines.last == "5 passed, 0 failed")
  }

  @Test func aTestThatFailsSaysWhatCameInstead() async throws {
    let folder = try WorkingFolder(copying: WorkingFolder.zones)
    try folder.replace("addresses: [10.96.7.11]", with: "addresses: [10.96.7.99]", in: "tests.yaml")
    try folder.replace("port: 443, expect: Deny}\n---", with: "port: 443, expect: Allow}\n---", in: "tests.yaml")
    let test = try await Steer.run("test", folder.path)
    #expect(test.status == 1)
    #expect(test.output.contains("FAIL team-b-has-the-canary"))
    #expect(test.output.contains("microsoft.intra.aibang.local. A: expected 10.96.7.99, got 10.96.7.11"))
    #expect(test.output.contains("FAIL team-a-reaches-no-other-host"))
    #expect(test.output.contains("www.microsoft.com:443 via microsoft: expected Allow, got Deny (destination)"))
    #expect(test.lines.last == "3 passed, 2 failed")
  }

  @Test func aPolicyWithoutTestsDoesNotPass() async throws {
    let folder = try WorkingFolder(copying: WorkingFolder.zones)
    try FileManager.default.removeItem(atPath: folder.path(of: "tests.yaml"))
    let test = try await Steer.run("test", folder.path)
    #expect(test.status == 1 && test.errors.contains("there is no EgressTest"))
  }

  @Test(arguments: [
    ("127.0.0.12", "client        127.0.0.12"), ("team-b", "identity      pod, namespace team-b (as asked)"),
    ("team-b/api-1", "pod team-b/api-1 (as asked)"),
    ("system:serviceaccount:team-b:api", "identity      pod, namespace team-b, service account api (as asked)"),
  ])
  func anyWayOfNamingAClientExplainsItsAnswer(_ client: String, identity: String) async throws {
    let answer = try await explain(client, "microsoft.intra.aibang.local")
    #expect(answer.status == 0 && answer.errors.isEmpty)
    for line in [
      identity, "rule          team-b/microsoft-canary, priority 50", "answer        NOERROR, TTL 10",
      "addresses     10.96.7.11", "route         microsoft, owner identity-team", "listener      port 13128",
      "service       intra-proxy/microsoft-canary:3128 → 10.96.7.11, weight 1",
      "parents       int-proxy.aibang.com:3128",
    ] {
      #expect(answer.output.contains(line), "\(answer.output)")
    }
  }

  @Test func anExplanationIsReadByProgramsAsJSON() async throws {
    let explanation = try json(try await explain("team-c", "microsoft.intra.aibang.local", "--output", "json"))
    let answer = try #require(explanation["answer"] as? [String: Any])
    #expect(answer["rcode"] as? String == "NXDOMAIN" && answer["extendedError"] as? Int == 18)
    let decision = try #require(explanation["decision"] as? [String: Any])
    #expect(decision["verdict"] as? String == "Deny")
    #expect((explanation["client"] as? [String: Any])?["namespace"] as? String == "team-c")
    #expect((explanation["route"] as? [String: Any])?["listenerPort"] as? Int == 13128)
  }

  @Test(arguments: [
    ("team-a", "login.microsoft.com:443", "Allow (allowed)"),
    ("team-a", "www.microsoft.com:443", "Deny (destination)"),
    ("team-a", "login.microsoft.com:22", "Deny (port)"), ("team-c", "login.microsoft.com:443", "Deny (noRule)"),
  ])
  func aConnectIsExplained(_ client: String, destination: String, verdict: String) async throws {
    let text = try await explain(client, "--via", "microsoft", "--connect", destination)
    #expect(text.status == 0 && text.output.contains("connect       \(destination): \(verdict)\n"), "\(text.output)")
    let object = try json(try await explain(client, "--via", "microsoft", "--connect", destination, "-o", "json"))
    let connect = try #require(object["connect"] as? [String: Any])
    #expect(connect["verdict"] as? String == verdict.split(separator: " ").first.map(String.init))
  }

  @Test func aRequestInPlainHTTPIsExplainedToo() async throws {
    let arguments = ["team-a", "--via", "microsoft", "--connect", "login.microsoft.com:443", "--method", "GET"]
    let text = try await run([Steer.path, "explain", "--policy", Self.zones, "--from"] + arguments)
    #expect(text.status == 0)
    #expect(text.output.contains("request       GET login.microsoft.com:443: Deny (method)\n"), "\(text.output)")
  }

  @Test(arguments: [
    (["team-a/nobody", "microsoft.intra.aibang.local"], "There is no pod team-a/nobody"),
    (
      ["team-a", "--via", "nowhere", "--connect", "a.test:443"],
      "There is no route 'nowhere'; there are: github, micro"
    ),
    (["team-a", "--via", "microsoft", "--connect", "a.test"], "'a.test' is not HOST:PORT"),
    (["team-a", "--via", "microsoft"], "NAME, for --via ROUTE --connect HOST:PORT, or for --packet HEX"),
    (["team-a", "microsoft.intra.aibang.local", "BOGUS"], "'BOGUS' is not a record type"),
    (["a/b/c", "microsoft.intra.aibang.local"], "'a/b/c' is not a client"),
    (["team-a", "a..b"], "'a..b' is not a domain name"),
  ])
  func aQuestionThatMakesNoSenseIsRefused(_ arguments: [String], says: String) async throws {
    let answer = try await run([Steer.path, "explain", "--policy", Self.zones, "--from"] + arguments)
    #expect(answer.status == 64 && answer.output.isEmpty)
    #expect(answer.errors.contains(says), "\(answer.errors)")
  }

  @Test func aNamespaceThatIsProbablyMisspeltIsPointedOut() async throws {
    let answer = try await explain("team-aa", "microsoft.intra.aibang.local")
    #expect(answer.status == 0 && answer.errors.contains("check its spelling"))
    #expect(answer.output.contains("Deny: no rule allows it"))
  }

  @Test func theMatrixIsATable() async throws {
    let matrix = try await Steer.run("matrix", Self.zones)
    #expect(matrix.status == 0)
    #expect(
      matrix.output == """
        kind       subject      github  microsoft
        namespace  intra-proxy  -       -
        namespace  team-a       -       allow
        namespace  team-b       allow   intra-proxy/microsoft-canary
        namespace  team-c       -       -

        """)
  }

  @Test func theMatrixIsRFC4180() async throws {
    let matrix = try await Steer.run("matrix", Self.zones, "--output", "csv")
    #expect(
      matrix.lines == [
        "kind,subject,github,microsoft", "namespace,intra-proxy,-,-", "namespace,team-a,-,allow",
        "namespace,team-b,allow,intra-proxy/microsoft-canary", "namespace,team-c,-,-",
      ])
    #expect(matrix.output.unicodeScalars.count { $0 == "\r" } == 4, "lines end with CR LF")
  }

  @Test func theMatrixIsAPage() async throws {
    let matrix = try await Steer.run("matrix", Self.zones, "--output", "html")
    #expect(matrix.output.hasPrefix("<!DOCTYPE html>") && !matrix.output.contains("<script"))
    #expect(matrix.output.contains("<td>team-a</td><td class=\"no\">-</td><td>allow</td>"))
  }

  @Test func theMatrixIsJSON() async throws {
    let matrix = try json(try await Steer.run("matrix", Self.zones, "--output", "json"))
    #expect(matrix["routes"] as? [String] == ["github", "microsoft"])
    let rows = try #require(matrix["rows"] as? [[String: Any]])
    #expect(rows.compactMap { $0["subject"] as? String } == ["intra-proxy", "team-a", "team-b", "team-c"])
    let cells = try #require(rows[1]["cells"] as? [[String: Any]])
    #expect(cells.compactMap { $0["resolves"] as? Bool } == [false, true])
    #expect(cells.compactMap { $0["connects"] as? Bool } == [false, true])
  }
}
