import DNSWire
import Foundation
import TestSupport
import Testing

/// Answers against those that BIND, Knot, NSD and PowerDNS gave, in 1,500 cases of the Ferret data set.
///
/// Fixtures/differences.txt lists the cases where Steer answers otherwise, and why.
@Suite struct ConformanceTests {
  /// How a case ended.
  private struct Outcome {
    var test: ConformanceCase
    /// How the answer differs; nil if it does not.
    var difference: String?
  }

  private static func fixture(_ name: String) throws -> String {
    let folder = try #require(Bundle.module.resourceURL?.appending(path: "Fixtures"))
    return try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  private static func cases() throws -> [ConformanceCase] {
    let decoder = JSONDecoder()
    return try fixture("cases.jsonl").split(separator: "\n").map {
      try decoder.decode(ConformanceCase.self, from: Data($0.utf8))
    }
  }

  /// The cases that are known to differ, by their number, with the reason.
  private static func listed() throws -> [Int: String] {
    var reasons: [Int: String] = [:]
    for line in try fixture("differences.txt").split(separator: "\n") where !line.hasPrefix("#") {
      let fields = line.split(separator: " ", maxSplits: 1)
      let id = try #require(fields.first.flatMap { Int($0) }, "not a case: \(line)")
      reasons[id] = String(line.dropFirst(fields[0].count + 1))
      #expect(line.contains("RFC"), "the reason names no RFC: \(line)")
    }
    return reasons
  }

  @Test func everyCaseIsAnsweredAsByOtherServersButThoseListed() async throws {
    let cases = try Self.cases()
    #expect(cases.count == 1_500)
    let zones = cases.map {
      ZoneServer.Zone(name: $0.zoneName, apex: $0.origin, text: $0.zone.joined(separator: "\n") + "\n")
    }
    let outcomes = try await ZoneServer.serving(zones, serial: 3) { server, refusals in
      let refused = Dictionary(uniqueKeysWithValues: refusals.map { ($0.zone, $0.findings) })
      let client = try ComparingClient(to: server)
      var outcomes: [Outcome] = []
      for test in cases {
        let refusal = refused[test.zoneName].map { "the zone is refused: \($0.joined(separator: "; "))" }
        outcomes.append(Outcome(test: test, difference: try refusal ?? difference(test, client)))
      }
      return outcomes
    }
    report(outcomes)
    var listed = try Self.listed()
    for outcome in outcomes {
      let reason = listed.removeValue(forKey: outcome.test.id)
      switch (outcome.difference, reason) {
      case (let difference?, nil):
        Issue.record("case \(outcome.test.id), \(outcome.test.qname) \(outcome.test.qtype): \(difference)")
      case (nil, let reason?):
        Issue.record("case \(outcome.test.id) is listed as different and is not: \(reason)")
      default: break
      }
    }
    #expect(listed.isEmpty, "listed, but there are no such cases")
  }

  /// Asks a case's question; returns how the answer differs, if it does.
  private func difference(_ test: ConformanceCase, _ client: borrowing ComparingClient) throws -> String? {
    var query = WireQuery(id: UInt16(truncatingIfNeeded: test.id), test.qname, try #require(RecordType(test.qtype)))
    query.edns = nil
    do {
      let answer = try client.ask(query).answer
      if test.allows(answer) { return nil }
      return "got \(answer)\nexpected \(test.wanted)\nin\n\(test.zone.joined(separator: "\n"))"
    } catch let fault as LDNSMessageError {
      return "\(fault)"
    }
  }

  /// Prints the score, and the score by the data set's tags.
  private func report(_ outcomes: [Outcome]) {
    print("conformance: \(outcomes.filter { $0.difference == nil }.count) of \(outcomes.count)")
    let tags = Dictionary(grouping: outcomes, by: \.test.tag).sorted { $0.key < $1.key }
    for (tag, outcomes) in tags {
      print("conformance: | \(tag) | \(outcomes.filter { $0.difference == nil }.count) | \(outcomes.count) |")
    }
  }
}
