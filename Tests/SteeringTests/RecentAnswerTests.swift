import DNSWire
import Foundation
import SteeringPolicy
import Synchronization
import TestSupport
import Testing

@testable import Steering

/// What a connection is said to follow: the answers that had a route's addresses, and no others.
@Suite struct RecentAnswerTests {
  private static let client = IPAddress("10.8.1.1") ?? IPAddress(v4: 0)

  private static func name(_ text: String) throws -> [UInt8] { try DomainName(text).wire + [] }

  /// A name as a query has it.
  private static func questionName(_ text: String, _ body: (borrowing QuestionName) -> Void) throws {
    let octets = try name(text)
    var name = QuestionName()
    try #require(name.read(from: octets.span, at: 0) != nil)
    body(name)
  }

  /// A responder of the minimal policy that has answered a client's questions, and what it noted.
  private func answers(
    to questions: [(name: String, type: RecordType)], from client: IPAddress = client,
    documents: String = TestPolicy.minimal
  ) throws -> RecentAnswers {
    var responder = Responder(try TestPolicy.snapshot(documents))
    let table = RecentAnswerTable()
    responder.recentAnswers = table
    var buffer = [UInt8](repeating: 0, count: Responder.udpBufferSize)
    for question in questions {
      let message = WireQuery(question.name, question.type).octets
      var response = buffer.mutableSpan
      #expect(responder.respond(to: message.span, from: client, over: .udp, into: &response) > 0)
    }
    return RecentAnswers([table])
  }

  @Test func anAnswerWithTheRoutesAddressesIsKnownByClientAndListenerPort() throws {
    let before = LogTime.milliseconds()
    let answers = try answers(to: [("One.Steer.Test", .a)])
    let answer = try #require(answers.latest(Self.client, listenerPort: 13128))
    #expect(answer.name == "one.steer.test.")
    #expect((before...LogTime.milliseconds()).contains(answer.milliseconds))
    #expect(answers.latest(Self.client, listenerPort: 13129) == nil)
    #expect(answers.latest(IPAddress(v4: 0x0A08_0102), listenerPort: 13128) == nil)
  }

  @Test func anAnswerWithoutAddressesIsNot() throws {
    #expect(try answers(to: [("one.steer.test", .aaaa)]).latest(Self.client, listenerPort: 13128) == nil)
    #expect(try answers(to: [("one.steer.test", .txt)]).latest(Self.client, listenerPort: 13128) == nil)
    #expect(try answers(to: [("_explain.one.steer.test", .txt)]).latest(Self.client, listenerPort: 13128) == nil)
    let denied = try #require(IPAddress("10.8.2.1"))
    #expect(try answers(to: [("one.steer.test", .a)], from: denied).latest(denied, listenerPort: 13128) == nil)
  }

  @Test func theNameIsTheOneThatWasAskedForAndTheLastOneStands() throws {
    let documents = TestPolicy.minimal.replacing(
      "hostnames: [one.steer.test]", with: "hostnames: [one.steer.test, two.steer.test]")
    let answers = try answers(to: [("one.steer.test", .a), ("two.steer.test", .a)], documents: documents)
    #expect(answers.latest(Self.client, listenerPort: 13128)?.name == "two.steer.test.")
  }

  @Test func ofSeveralThreadsTheLatestAnswerStands() throws {
    let tables = [RecentAnswerTable(), RecentAnswerTable(), RecentAnswerTable()]
    for (table, time) in zip(tables, [5, 9, 7] as [UInt64]) {
      try Self.questionName("at\(time).steer.test") {
        table.record(Self.client, listenerPort: 1, name: $0, at: time)
      }
    }
    let answer = RecentAnswers(tables).latest(Self.client, listenerPort: 1)
    #expect(answer?.name == "at9.steer.test." && answer?.milliseconds == 9)
  }

  /// More clients than there are slots: what is still there is right, and the last one is there.
  @Test func aFullTableForgetsAndNeverMistakesOneClientForAnother() throws {
    let table = RecentAnswerTable()
    let count: UInt32 = 20_000
    for number in 1...count {
      try Self.questionName("n\(number).steer.test") {
        table.record(IPAddress(v4: number), listenerPort: 1, name: $0, at: UInt64(number))
      }
    }
    var known = 0
    for number in 1...count {
      guard let answer = table.latest(IPAddress(v4: number), listenerPort: 1) else { continue }
      known += 1
      #expect(answer == RecentAnswer(milliseconds: UInt64(number), name: "n\(number).steer.test."))
    }
    #expect((4096...8192).contains(known), "\(known)")
    #expect(table.latest(IPAddress(v4: count), listenerPort: 1) != nil)
  }

  @Test func aNameOfTheLargestSizeFits() throws {
    let label = String(repeating: "a", count: 63)
    let name = [label, label, label, String(repeating: "b", count: 61)].joined(separator: ".")
    let table = RecentAnswerTable()
    try Self.questionName(name) { table.record(Self.client, listenerPort: 1, name: $0, at: 1) }
    #expect(table.latest(Self.client, listenerPort: 1)?.name == name + ".")
  }

  @Test func aServerKeepsWhatItAnswersOverUDPAndTCP() async throws {
    try await LiveServer.serving(TestPolicy.snapshot(TestPolicy.manyAddresses(1))) { endpoint, answers in
      let answers = try #require(answers)
      for (host, overTCP) in [(2, false), (3, true), (4, false), (5, true)] as [(UInt32, Bool)] {
        let source = IPAddress(v4: 0x7F00_0000 | host)
        let client = try LoopbackClient(from: source, to: endpoint, overTCP: overTCP)
        _ = try client.ask(WireQuery("many.steer.test", .a).octets)
        // Noted before the answer is sent.
        #expect(answers.latest(source, listenerPort: 13128)?.name == "many.steer.test.", "over TCP: \(overTCP)")
      }
      #expect(answers.latest(IPAddress(v4: 0x7F00_0006), listenerPort: 13128) == nil)
    }
  }

  /// One thread writes names and times that belong together as fast as it can, others read: no reader sees a mixture.
  @Test func aReaderNeverSeesHalfOfAnAnswer() async throws {
    let table = RecentAnswerTable()
    let names = ["short.test", "a-name-that-takes-several-words-of-a-slot.steer.test"]
    let isEnough = Atomic(false)
    let rounds = Atomic<UInt64>(0)
    let ended = DispatchSemaphore(value: 0)
    let writer = Thread {
      var short = QuestionName()
      var long = QuestionName()
      let shortWire = (try? Self.name(names[0])) ?? []
      let longWire = (try? Self.name(names[1])) ?? []
      _ = short.read(from: shortWire.span, at: 0)
      _ = long.read(from: longWire.span, at: 0)
      while !isEnough.load(ordering: .relaxed) {
        let round = rounds.add(1, ordering: .relaxed).newValue
        table.record(Self.client, listenerPort: 1, name: short, at: round * 2)
        table.record(Self.client, listenerPort: 1, name: long, at: round * 2 + 1)
      }
      ended.signal()
    }
    writer.start()
    defer { isEnough.store(true, ordering: .relaxed) }
    // A reader gets its turn now and then only: as often as it takes, but not for ever.
    let deadline = ContinuousClock.now + .seconds(60)
    var seen = 0
    while seen < 1000, ContinuousClock.now < deadline {
      guard let answer = table.latest(Self.client, listenerPort: 1) else { continue }
      seen += 1
      if answer.name != names[Int(answer.milliseconds % 2)] + "." {
        Issue.record("\(answer)")
        return
      }
    }
    #expect(seen == 1000)
    isEnough.store(true, ordering: .relaxed)
    ended.wait()
    #expect(table.latest(Self.client, listenerPort: 1)?.milliseconds == rounds.load(ordering: .relaxed) * 2 + 1)
  }
}
