import DNSWire
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ProxyRoutes
@testable import Steering

/// What the connect log says of a decision, whatever a client wrote.
@Suite struct DecisionLogTests {
  /// Keeps the lines that it is given.
  private final class Lines: LineSink {
    private let octets = Mutex<[UInt8]>([])

    func add(_ lines: [UInt8]) { octets.withLock { $0 += lines } }

    var text: String { octets.withLock { String(decoding: $0, as: UTF8.self) } }
  }

  private static let client = IPAddress(v4: 0x0A08_0101)

  private func request(host: String, port: UInt16 = 443, method: String = "CONNECT") -> ProxyRequest {
    ProxyRequest(
      client: Self.client, clientPort: 40_000, listenerPort: 13128, method: method,
      destination: Destination(host: host, port: port))
  }

  private func decision(_ reason: ProxyAuthorizer.Reason, route: Int? = 0, reportedRule: String? = nil)
    -> ProxyDecision
  {
    ProxyDecision(
      isAllowed: reason == .allowed || reason == .reportMode, reason: reason, route: route, rule: "team-a/one",
      reportedRule: reportedRule, namespace: "team-a", serviceAccount: "default", pod: "api", identity: "pod")
  }

  /// The lines of one decision.
  private func log(_ request: ProxyRequest, _ decision: ProxyDecision, answers: RecentAnswers? = nil) throws -> String
  {
    let lines = Lines()
    DecisionLog(to: lines, answers: answers).record(
      request, decision, in: try TestPolicy.snapshot(TestPolicy.minimal))
    return lines.text
  }

  private func object(_ line: String) throws -> [String: Any] {
    #expect(line.hasSuffix("}\n") && line.count { $0.isNewline } == 1, "\(line)")
    return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }

  @Test func aLineSaysWhoAskedForWhatAndWhatWasDecided() throws {
    let line = try object(try log(request(host: "login.example.com"), decision(.allowed)))
    let texts = line.compactMapValues { $0 as? String }
    #expect(
      texts.filter { !["time", "generation"].contains($0.key) } == [
        "client": "10.8.1.1", "method": "CONNECT", "host": "login.example.com", "identity": "pod",
        "namespace": "team-a", "pod": "api", "serviceAccount": "default", "route": "one", "verdict": "Allow",
        "reason": "allowed", "rule": "team-a/one",
      ])
    #expect(
      line["clientPort"] as? Int == 40_000 && line["listenerPort"] as? Int == 13128 && line["port"] as? Int == 443)
    #expect(texts["generation"]?.hasPrefix("7/") == true)
    let time = try #require(texts["time"].flatMap { LogTime.milliseconds(of: $0.utf8) })
    #expect(LogTime.milliseconds() - time < 60_000)
    #expect(line["query"] == nil)
  }

  @Test func aLineNamesTheQueryThatTheConnectionFollowed() throws {
    let table = RecentAnswerTable()
    let wire = try DomainName("one.steer.test").wire + []
    var name = QuestionName()
    try #require(name.read(from: wire.span, at: 0) != nil)
    let time = LogTime.milliseconds() - 2_000
    table.record(Self.client, listenerPort: 13128, name: name, at: time)
    let line = try object(
      try log(request(host: "login.example.com"), decision(.allowed), answers: RecentAnswers([table])))
    let query = try #require(line["query"] as? [String: Any])
    #expect(query["name"] as? String == "one.steer.test.")
    #expect(query["time"] as? String == LogTime.text(ofMilliseconds: time))
    #expect((2_000..<60_000).contains(query["ageMilliseconds"] as? Int ?? 0))
  }

  @Test func aDecisionAboutNoRouteHasNone() throws {
    let line = try object(try log(request(host: "login.example.com"), decision(.noRoute, route: nil)))
    #expect(
      line["route"] == nil && line["verdict"] as? String == "Deny" && line["reason"] as? String == "noRoute")
  }

  /// What a client wrote is one string of one line, and comes back as it was written.
  @Test(arguments: [
    "x\",\"verdict\":\"Allow\",\"y\":\"", "x\"}\n{\"verdict\":\"Allow\"}", "\r\n\u{0}\u{1B}[2J\u{7F}", "\\", "\\\"",
    "\\u0022",
    "\u{85}\u{2028}\u{2029}\u{202E}", "\u{FFFD}", "ÿ", "😀", "",
  ])
  func aHostileHostForgesNothing(_ host: String) throws {
    let text = try log(request(host: host, method: host), decision(.destination))
    #expect(text.utf8.allSatisfy { $0 == 0x0A || (0x20...0x7E).contains($0) }, "\(text)")
    let line = try object(text)
    #expect(line["host"] as? String == host && line["method"] as? String == host)
    #expect(line["verdict"] as? String == "Deny" && line["y"] == nil)
    #expect(line["isCut"] == nil)
  }

  @Test func octetsThatAreNoTextBecomeReplacements() throws {
    let host = String(decoding: [0x61, 0xFF, 0xC0, 0x80, 0xED, 0xA0, 0x80] as [UInt8], as: UTF8.self)
    let line = try object(try log(request(host: host), decision(.destination)))
    #expect(line["host"] as? String == host && host.hasPrefix("a\u{FFFD}"))
  }

  @Test func aHostThatIsTooLongIsCutAndSaysSo() throws {
    let line = try object(try log(request(host: String(repeating: "\n", count: 600)), decision(.destination)))
    #expect(line["host"] as? String == String(repeating: "\n", count: 512) && line["isCut"] as? Bool == true)
    let fitting = try object(try log(request(host: String(repeating: "\n", count: 512)), decision(.destination)))
    #expect(fitting["isCut"] == nil)
  }

  @Test(arguments: [
    ("7 10.8.1.1 40000 13128 CONNECT x%0Ay 443 -", "CONNECT", "x%0Ay", 443),
    ("7 10.8.1.1 40000 13128 GET", "GET", "", 0),
    ("7 10.8.1.1 40000 13128 CONNECT login.example.com 99999 -", "CONNECT", "login.example.com", 0),
    ("7 10.8.1.1 40000 13128 CONNECT a b c d e f", "CONNECT", "a", 0),
    ("7 10.8.1.1 40000 13128 CONNECT %\"}\n 443 -", "CONNECT", "%\"}\n", 443),
  ])
  func aRequestThatCannotBeReadIsALineOfItsClient(_ query: String, method: String, host: String, port: Int) throws {
    let lines = Lines()
    let log = DecisionLog(to: lines)
    let decider = Decider(
      try DecidingPolicy.snapshot(), parents: FakeParents(), connections: nil, log: log)
    #expect(
      decider.reply(to: Array(query.utf8)).map { String(decoding: $0, as: UTF8.self) } == "7 ERR reason=malformed\n")
    let line = try object(lines.text)
    #expect(line["verdict"] as? String == "Deny" && line["reason"] as? String == "malformed" && line["rule"] == nil)
    #expect(
      line["pod"] as? String == "api" && line["namespace"] as? String == "team-a" && line["route"] as? String == "one"
    )
    #expect(line["method"] as? String == method && line["host"] as? String == host && line["port"] as? Int == port)
    #expect(log.reports.drain().counts.isEmpty)
  }

  @Test func aRequestWithoutAClientIsWrittenAsItIs() throws {
    let lines = Lines()
    let decider = Decider(
      try DecidingPolicy.snapshot(), parents: FakeParents(), connections: nil, log: DecisionLog(to: lines))
    _ = decider.reply(to: Array("7 \"nobody\"\n 1 2".utf8))
    let line = try object(lines.text)
    #expect(line["reason"] as? String == "malformed" && line["line"] as? String == "7 \"nobody\"\n 1 2")
  }

  @Test func whatOnlyReportModeLetsThroughIsGathered() throws {
    let log = DecisionLog(to: nil, answers: nil)
    let snapshot = try TestPolicy.snapshot(TestPolicy.minimal)
    for _ in 0..<3 {
      log.record(request(host: "login.example.com"), decision(.reportMode, reportedRule: "strict/none"), in: snapshot)
    }
    // It is denied in any mode, so there is nothing that Enforce mode would deny besides.
    log.record(request(host: "other.example"), decision(.destination, reportedRule: "strict/none"), in: snapshot)
    log.record(request(host: "login.example.com"), decision(.allowed), in: snapshot)
    let drained = log.reports.drain()
    #expect(drained.counts == [Report(client: Self.client, route: "one"): 3] && drained.dropped == 0)
    #expect(log.reports.drain().counts.isEmpty)
  }
}
