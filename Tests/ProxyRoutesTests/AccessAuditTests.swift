import Foundation
import TestSupport
import Testing

@testable import ProxyRoutes

/// What an audit finds in the logs, and what it tells of lines that it cannot take.
@Suite struct AccessAuditTests {
  /// An audit that is fed line by line.
  private struct Fed {
    var audit: AccessAudit
    private var number: UInt64 = 0

    init(_ options: AccessAudit.Options = AccessAudit.Options(), pairLimit: Int = AccessAudit.pairLimit) {
      audit = AccessAudit(options, pairLimit: pairLimit)
    }

    mutating func add(_ line: String, of log: AccessAudit.Log) {
      number += 1
      let octets = Array(line.utf8)
      audit.add(octets, 0..<octets.count, of: log, file: "log", number: number)
    }

    /// An answer with addresses, or a denied query, at a minute past two.
    mutating func query(
      _ minute: Int, pod: String? = "api", client: String? = "10.8.1.1", namespace: String? = "team-a",
      route: String = "one", reason: String = "allowed", addresses: Bool = true
    ) {
      let verdict = reason == "allowed" || reason == "reportMode" ? "Allow" : "Deny"
      add(
        object([
          "time": time(minute), "name": "one.steer.test.", "type": "A", "rcode": "NOERROR", "client": client,
          "namespace": namespace, "pod": pod, "route": route, "verdict": verdict, "reason": reason,
        ]).dropLast() + ",\"addresses\":\(addresses)}", of: .queries)
    }

    mutating func connect(
      _ minute: Int, pod: String? = "api", client: String = "10.8.1.1", namespace: String? = "team-a",
      route: String? = "one", reason: String = "allowed", host: String = "login.example.com", age: Int? = nil
    ) {
      let verdict = reason == "allowed" || reason == "reportMode" ? "Allow" : "Deny"
      let query = age.map { ",\"query\":{\"ageMilliseconds\":\($0),\"name\":\"one.steer.test.\"}" } ?? ""
      add(
        object([
          "time": time(minute), "client": client, "namespace": namespace, "pod": pod, "route": route,
          "verdict": verdict,
          "reason": reason, "host": host, "rule": "team-a/one",
        ]).dropLast() + ",\"port\":443,\"listenerPort\":13128\(query)}", of: .connects)
    }

    /// A query of no one that concerns nothing, which begins the log long before all else.
    mutating func begin() { add(object(["time": "2026-11-23T00:00:00.000Z", "rcode": "REFUSED"]), of: .queries) }

    /// A query that is the log's last, long after all else.
    mutating func end() { add(object(["time": "2026-11-25T00:00:00.000Z", "rcode": "REFUSED"]), of: .queries) }

    private func object(_ members: [String: String?]) -> String {
      let texts = members.compactMapValues(\.self).sorted { $0.key < $1.key }
      return "{" + texts.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",") + "}"
    }
  }

  private static func milliseconds(_ minute: Int) -> UInt64 { 1_795_485_600_000 + UInt64(minute) * 60_000 }

  @Test func aPodThatResolvedAndConnectedIsNoFinding() throws {
    var fed = Fed()
    fed.begin()
    fed.query(0)
    fed.query(1)
    fed.connect(2)
    fed.connect(11)
    let entry = try #require(fed.audit.report.entries.first)
    #expect(fed.audit.report.entries.count == 1)
    #expect(entry.namespace == "team-a" && entry.pod == "api" && entry.client == nil && entry.route == "one")
    #expect(entry.resolved?.count == 2 && entry.resolved?.first == time(0) && entry.resolved?.last == time(1))
    #expect(entry.connected?.count == 2 && entry.connected?.last == time(11))
    #expect(!entry.neverConnected && entry.unresolved == nil && entry.denied.isEmpty)
  }

  @Test func aPodThatResolvedAndNeverConnectedIsNamed() throws {
    var fed = Fed()
    fed.query(0)
    fed.query(0, pod: "other", client: "10.8.1.2")
    fed.query(0, pod: "denied", client: "10.8.1.3", reason: "noRule", addresses: false)
    fed.query(0, pod: "v6-only", client: "10.8.1.4", addresses: false)
    // Another route is another matter.
    fed.query(0, pod: "api", route: "two")
    fed.connect(1)
    let never = fed.audit.report.entries.filter(\.neverConnected).map { "\($0.pod ?? "") \($0.route)" }
    #expect(never == ["api two", "other one"])
  }

  @Test func aConnectionThatFollowsNoAnswerIsNamedWithItsDestination() throws {
    var fed = Fed()
    fed.begin()
    fed.query(0, pod: "other", client: "10.8.1.2")
    fed.query(0, route: "two")
    fed.connect(1)
    fed.connect(2)
    fed.end()
    let unresolved = try #require(fed.audit.report.entries.first { $0.pod == "api" && $0.route == "one" }?.unresolved)
    #expect(unresolved.count == 2 && unresolved.first == time(1) && unresolved.last == time(2))
    #expect(unresolved.afterWindow == 0 && unresolved.uncertain == 0)
    #expect(unresolved.destination == "login.example.com:443")
  }

  @Test func anAnswerIsGoodForTheWindowAndNoLonger() throws {
    var options = AccessAudit.Options()
    options.windowSeconds = 300
    var fed = Fed(options)
    fed.begin()
    fed.query(0)
    fed.connect(5)
    #expect(fed.audit.report.entries.first?.unresolved == nil)
    fed.connect(6)
    let unresolved = try #require(fed.audit.report.entries.first?.unresolved)
    #expect(unresolved.count == 1 && unresolved.afterWindow == 1 && unresolved.first == time(6))
  }

  @Test func anAnswerThatComesAfterTheConnectionIsNoneThatItFollowed() throws {
    var fed = Fed()
    fed.begin()
    fed.query(20)
    fed.connect(5)
    let unresolved = try #require(fed.audit.report.entries.first?.unresolved)
    #expect(unresolved.count == 1 && unresolved.afterWindow == 0)
  }

  @Test func whatTheConnectLogItselfKnowsOfAnAnswerCounts() throws {
    var fed = Fed()
    fed.begin()
    fed.connect(1, age: 599_000)
    fed.connect(2, age: 601_000)
    let unresolved = try #require(fed.audit.report.entries.first?.unresolved)
    #expect(unresolved.count == 1 && unresolved.first == time(2) && unresolved.afterWindow == 1)
  }

  @Test func aConnectionAtTheEdgesOfTheQueryLogIsUncertain() throws {
    var fed = Fed()
    fed.query(0, route: "two")
    fed.query(30, route: "two")
    for minute in [5, 20, 45] { fed.connect(minute) }
    let unresolved = try #require(fed.audit.report.entries.first { $0.route == "one" }?.unresolved)
    #expect(unresolved.count == 3 && unresolved.uncertain == 2)
    // Without any query log nothing is certain.
    var alone = Fed()
    alone.connect(0)
    #expect(alone.audit.report.entries.first?.unresolved?.uncertain == 1)
  }

  /// A forwarder may name the namespace only, and a pod may be known later than its first query.
  @Test func aConnectionFollowsAnAnswerToItsAddressOrItsNamespace() throws {
    var fed = Fed()
    fed.begin()
    fed.query(0, pod: nil, client: nil)
    fed.query(0, pod: nil, client: "10.8.2.1", namespace: nil)
    fed.connect(1)
    fed.connect(1, pod: "job", client: "10.8.2.1", namespace: "team-b")
    fed.connect(1, pod: "web", client: "10.8.3.1", namespace: "team-c")
    let entries = fed.audit.report.entries
    #expect(entries.filter { $0.unresolved != nil }.map(\.pod) == ["web"])
    #expect(!entries.contains { $0.neverConnected })
  }

  @Test func whatWasDeniedIsNamedWithItsReasonAndRule() throws {
    var fed = Fed()
    fed.begin()
    fed.query(0, reason: "noRule", addresses: false)
    fed.connect(1, reason: "noRule")
    fed.connect(2, reason: "destination", host: "evil.example")
    fed.connect(3, reason: "destination", host: "worse.example")
    fed.connect(4, pod: nil, client: "192.0.2.1", namespace: nil, route: nil, reason: "noRoute")
    let entries = fed.audit.report.entries
    let denied = try #require(entries.first { $0.pod == "api" }?.denied)
    #expect(
      denied.map { "\($0.of) \($0.reason) \($0.count)" } == [
        "connect destination 2", "connect noRule 1", "query noRule 1",
      ])
    #expect(denied[0].rule == "team-a/one" && denied[0].destination == "worse.example:443")
    #expect(denied[0].first == time(2) && denied[0].last == time(3))
    #expect(denied[2].rule == nil && denied[2].destination == nil)
    let stranger = try #require(entries.first { $0.client == "192.0.2.1" })
    #expect(stranger.route == "listener 13128" && stranger.denied.map(\.reason) == ["noRoute"])
    // Neither was ever shown an address.
    #expect(entries.compactMap(\.unresolved?.count) == [1, 3])
  }

  @Test func onlyTheRangeCountsButAnAnswerFromBeforeItIsGood() throws {
    var options = AccessAudit.Options()
    options.range = Self.milliseconds(10)...Self.milliseconds(20)
    var fed = Fed(options)
    fed.begin()
    for minute in [5, 15, 25] { fed.query(minute) }
    for minute in [4, 11, 26] { fed.connect(minute) }
    let report = fed.audit.report
    let entry = try #require(report.entries.first)
    #expect(entry.resolved?.count == 1 && entry.connected?.count == 1 && entry.unresolved == nil)
    #expect(report.since == time(10) && report.until == time(20))
    #expect(report.queries.taken == 1 && report.queries.lines == 4 && report.connects.last == time(26))
  }

  @Test func aNamespaceOrAPodIsReportedAlone() {
    func pods(_ namespace: String, _ pod: String?) -> [String?] {
      var options = AccessAudit.Options()
      (options.namespace, options.pod) = (namespace, pod)
      var fed = Fed(options)
      fed.query(0)
      fed.query(0, pod: "job", client: "10.8.1.2")
      fed.query(0, pod: "api", client: "10.8.2.1", namespace: "team-b")
      fed.query(0, pod: nil, client: "10.8.3.1", namespace: nil)
      return fed.audit.report.entries.map(\.pod)
    }
    #expect(pods("team-a", nil) == ["api", "job"])
    #expect(pods("team-a", "job") == ["job"])
    #expect(pods("team-c", nil).isEmpty)
  }

  @Test func theOrderOfLinesDoesNotMatter() throws {
    var generator = SeededGenerator(seed: 5)
    func report(shuffled: Bool) throws -> Data {
      var fed = Fed()
      fed.begin()
      let minutes = (0..<200).map { $0 * 3 }
      for minute in shuffled ? minutes.shuffled(using: &generator) : minutes {
        fed.query(minute, pod: "p\(minute % 7)")
      }
      for minute in shuffled ? minutes.shuffled(using: &generator) : minutes {
        fed.connect(
          minute + 9, pod: "p\(minute % 11)", client: "10.9.0.1", reason: minute % 2 == 0 ? "allowed" : "port")
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return try encoder.encode(fed.audit.report)
    }
    let inOrder = try report(shuffled: false)
    for _ in 0..<5 { #expect(try report(shuffled: true) == inOrder) }
  }

  @Test(arguments: [
    ("", "is no JSON object"), ("{", "is no JSON object"), ("[]", "is no JSON object"),
    (#"{"time":"2026-11-24T02:00:00.000Z","rcode":"NOERROR"} x"#, "is no JSON object"),
    (
      #"{"time":"2026-11-24T02:00:00.000Z","time":"2026-11-24T02:00:00.000Z","rcode":"NOERROR"}"#, "is no JSON object"
    ),
    (#"{"time":"2026-11-24T02:00:00.000Z","rcode":"NOERROR","x":01}"#, "is no JSON object"),
    (#"{"time":"2026-11-24T02:00:00.000Z","rcode":"NOERROR","x":"\q"}"#, "is no JSON object"),
    (#"{"time":"2026-11-24T02:00:00.000Z","#, "is no JSON object"),
    (#"{"rcode":"NOERROR"}"#, "lacks what every line of this log has"),
    (#"{"time":"2026-11-24T02:00:00.000Z"}"#, "lacks what every line of this log has"),
    (
      #"{"time":"2026-11-24T02:00:00.000Z","rcode":"NOERROR","verdict":"Deny","route":"one"}"#,
      "lacks what every line of this log has"
    ),
    (#"{"time":"yesterday","rcode":"NOERROR"}"#, "has a time that is none"),
  ])
  func aLineThatCannotBeReadIsCountedAndTheFirstOneNamed(_ line: String, reason: String) throws {
    var fed = Fed()
    fed.query(0)
    fed.add(line, of: .queries)
    fed.add(line, of: .queries)
    fed.query(1)
    let input = fed.audit.report.queries
    #expect(input.lines == 4 && input.taken == 2 && input.unreadable == 2)
    let place = try #require(input.firstUnreadable)
    #expect(place.file == "log" && place.line == 2 && place.reason == reason)
  }

  @Test func aLineOfTheOtherLogCannotBeRead() {
    var fed = Fed()
    fed.query(0)
    fed.connect(0)
    var swapped = Fed()
    swapped.add(
      #"{"time":"2026-11-24T02:00:00.000Z","rcode":"NOERROR","route":"one","verdict":"Allow","reason":"allowed"}"#,
      of: .connects)
    #expect(fed.audit.report.queries.unreadable == 0 && fed.audit.report.connects.unreadable == 0)
    #expect(swapped.audit.report.connects.unreadable == 1)
  }

  @Test func droppedLinesAreAddedUpWhateverTheySay() {
    var fed = Fed()
    fed.add(#"{"dropped":3}"#, of: .queries)
    fed.add(#"{"dropped":4}"#, of: .queries)
    fed.add(#"{"dropped":18446744073709551615}"#, of: .connects)
    fed.add(#"{"dropped":1}"#, of: .connects)
    #expect(fed.audit.report.queries.dropped == 7 && fed.audit.report.connects.dropped == .max)
    #expect(fed.audit.report.queries.unreadable == 0)
  }

  @Test func tooManyClientsAreLeftOutAndCounted() {
    var fed = Fed(pairLimit: 3)
    for number in 1...5 { fed.query(0, pod: nil, client: "10.0.0.\(number)", namespace: nil) }
    fed.query(1, pod: nil, client: "10.0.0.1", namespace: nil)
    #expect(fed.audit.report.entries.count == 3 && fed.audit.report.leftOut == 2)
  }

  @Test func answersToNobodyKnownAreCounted() {
    var fed = Fed()
    fed.query(0, pod: nil, client: nil, namespace: nil)
    #expect(fed.audit.report.unidentifiedAnswers == 1 && fed.audit.report.entries.isEmpty)
  }

  @Test func spansOfTimeAreJoinedInAnyOrder() {
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<200 {
      let starts = (0..<20).map { _ in UInt64.random(in: 0...300, using: &generator) }
      var coverage = AuditCoverage()
      for start in starts { coverage.add(start...(start + 10)) }
      for time in UInt64(0)...320 {
        #expect(coverage.contains(time) == starts.contains { ($0...($0 + 10)).contains(time) })
        #expect(coverage.starts(before: time) == starts.contains { $0 <= time })
      }
      #expect(zip(coverage.spans, coverage.spans.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
    }
  }
}

/// A minute past two, as logs have it.
private func time(_ minute: Int) -> String {
  let digits = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
  return "2026-11-24T\(digits(2 + minute / 60)):\(digits(minute % 60)):00.000Z"
}
