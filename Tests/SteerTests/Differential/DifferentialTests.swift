import DNSWire
import Foundation
import TestSupport
import Testing

/// Answers side by side with those of NSD and Knot, for zones and questions that a generator makes.
///
/// STEER_DIFFERENTIAL_ZONES, STEER_DIFFERENTIAL_QUERIES and STEER_DIFFERENTIAL_SEED make it more, or another, than the
/// bounded run of every day.
@Suite struct DifferentialTests {
  /// What was counted.
  private struct Counts {
    var questions = 0
    /// How often NSD and Knot agree, and how often they do not and Steer says what one of them does.
    var agreed = 0
    var asNSD = 0
    var asKnot = 0
    /// How often they differ in the additional section alone.
    var inAdditional = 0
    /// How many questions were for any type, which servers answer in ways of their own.
    var any = 0
    var explained: [ExplainedDifference: Int] = [:]
  }

  /// How many zones are served at one time.
  private static let zonesAtATime = 100

  private static func setting(_ name: String, _ usual: Int) -> Int {
    ProcessInfo.processInfo.environment["STEER_DIFFERENTIAL_\(name)"].flatMap { Int($0) } ?? usual
  }

  @Test func everyAnswerIsThatOfNSDOrKnot() async throws {
    let first = Self.setting("SEED", 1)
    let queries = Self.setting("QUERIES", 60)
    let seeds = Array(first..<first + Self.setting("ZONES", 40))
    var counts = Counts()
    for start in stride(from: 0, to: seeds.count, by: Self.zonesAtATime) {
      let zones = seeds[start..<min(start + Self.zonesAtATime, seeds.count)].flatMap {
        ZoneGenerator.zones(seed: UInt64($0), queries: queries)
      }
      try await compare(zones, &counts)
    }
    print(
      """
      differential: \(seeds.count) zones from seed \(first), \(counts.questions) questions
      differential: NSD and Knot agree in \(counts.agreed) of \(counts.questions); where they do not, Steer \
      answers \(counts.asNSD) times as NSD and \(counts.asKnot) times as Knot, and \
      \(counts.inAdditional) times they differ in the additional section alone
      """)
    print(
      "differential: \(counts.any) questions for ANY, of which the RRset that Steer chose is compared (RFC 8482 §4.1)"
    )
    for (difference, count) in counts.explained.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      print("differential: \(count) times \(difference.rawValue)")
    }
    #expect(counts.questions == seeds.count * queries)
    // Else most of the answers are judged by one server alone.
    #expect(counts.agreed * 10 >= counts.questions * 8)
  }

  private func compare(_ zones: [GeneratedZone], _ counts: inout Counts) async throws {
    let served = zones.map { ZoneServer.Zone(name: $0.name, apex: "\($0.apex)", text: $0.text) }
    var result = counts
    try await ReferenceServer.nsd.serving(zones) { nsd in
      try await ReferenceServer.knot.serving(zones) { knot in
        try await ZoneServer.serving(served, serial: ZoneGenerator.serial) { steer, refusals in
          for refusal in refusals { Issue.record("\(refusal.zone) is refused: \(refusal.findings)") }
          let refused = Set(refusals.map(\.zone))
          let servers = try ComparedServers(steer: steer, nsd: nsd, knot: knot)
          for zone in zones where !refused.contains(zone.name) {
            for query in zone.queries { try judge(query, zone, servers, &result) }
          }
        }
      }
    }
    counts = result
  }

  private func judge(
    _ query: WireQuery, _ zone: GeneratedZone, _ servers: borrowing ComparedServers, _ counts: inout Counts
  ) throws {
    let answers = try ask(query, servers)
    counts.questions += 1
    if query.type == .any { counts.any += 1 }
    if answers.isAgreed {
      counts.agreed += 1
    } else if answers.isMatched {
      if answers.isAgreedButForAdditional { counts.inAdditional += 1 }
      if answers.allowed[0].agrees(with: answers.steer) { counts.asNSD += 1 } else { counts.asKnot += 1 }
    }
    if answers.isRight { return }
    if let difference = try ExplainedDifference(answers) ?? room(query, answers, servers) {
      counts.explained[difference, default: 0] += 1
      return
    }
    record(answers, zone)
  }

  /// What the servers answer.
  ///
  /// To ANY a server may answer one RRset of those that there are (RFC 8482 §4.1), and each chooses in a way of its own:
  /// NSD and Knot are asked for the type that Steer chose.
  private func ask(
    _ query: WireQuery, _ servers: borrowing ComparedServers, overTCP: Bool = false
  ) throws -> ReferenceAnswers {
    var answers = try servers.ask(query, overTCP: overTCP)
    guard query.type == .any else { return answers }
    // Beside another type, that can only be the CNAME that a DNAME stands for.
    let types = Set(answers.steer.answer.map(\.type))
    guard let chosen = types.count > 1 ? "CNAME" : types.first, let type = RecordType(chosen) else { return answers }
    var query = query
    query.type = type
    let narrowed = try servers.ask(query, overTCP: overTCP)
    (answers.nsd, answers.knot) = (narrowed.nsd, narrowed.knot)
    return answers
  }

  private func record(_ answers: ReferenceAnswers, _ zone: GeneratedZone) {
    let name = GeneratedName(answers.query.labels)
    Issue.record(
      """
      seed \(zone.seed): \(name) \(answers.query.type)\(answers.query.edns == nil ? " without EDNS" : "")
      Steer: \(answers.steer)
      NSD\(answers.isAgreed ? " and Knot" : ""): \(answers.nsd)
      \(answers.isAgreed ? "" : "Knot: \(answers.knot)")
      in
      \(zone.lines(concerning: answers).joined(separator: "\n"))
      """)
  }

  /// Whether answers differ only in what there was no room for over UDP: then they do not over TCP.
  private func room(
    _ query: WireQuery, _ answers: ReferenceAnswers, _ servers: borrowing ComparedServers
  ) throws -> ExplainedDifference? {
    guard answers.isMatchedButForAdditional else { return nil }
    let whole = try ask(query, servers, overTCP: true)
    let isPart = Set(answers.steer.additional).isSubset(of: whole.steer.additional)
    return isPart && (whole.isRight || ExplainedDifference(whole) != nil) ? .room : nil
  }
}

extension GeneratedZone {
  /// The lines of the records at, above and below the names of a question and of its answers.
  fileprivate func lines(concerning answers: ReferenceAnswers) -> [String] {
    let sections = [answers.steer, answers.nsd, answers.knot].flatMap { $0.answer + $0.authority + $0.additional }
    let shown = sections.filter { $0.type != "SOA" }
    let texts = Set(shown.map(\.owner) + shown.compactMap { $0.rdata.split(separator: " ").last.map(String.init) })
    let owners = Set(records.map(\.owner)).filter { texts.contains("\($0)") }
    let names = owners.union([GeneratedName(answers.query.labels.map { $0.map(lowercased) })])
    return records.filter { record in
      let owner = record.owner
      return owner == apex
        || names.contains { name in
          let source = owner.isWildcard ? owner.parent ?? owner : owner
          return name.isAtOrBelow(source) && source != apex || owner.isAtOrBelow(name) && name != apex
            || owner.isWildcard && owner.parent == apex
        }
    }.map(\.line)
  }

  private func lowercased(_ octet: UInt8) -> UInt8 {
    UInt8(ascii: "A")...UInt8(ascii: "Z") ~= octet ? octet | 0x20 : octet
  }
}
