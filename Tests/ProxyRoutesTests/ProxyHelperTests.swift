import Foundation
import Logging
import TestSupport
import Testing

@testable import ProxyRoutes

/// The helper as a process of its own, between a Squid and a server that the tests are.
@Suite struct ProxyHelperTests {
  private static let allowed = "10.8.1.1 40001 13128 CONNECT login.example.com 443 -"
  private static let unavailable = "ERR reason=unavailable"

  private func serve(at path: String) async throws -> DecisionServer {
    let decider = Decider(try DecidingPolicy.snapshot(), parents: FakeParents(), connections: nil, log: nil)
    return try await DecisionServer(
      path: path, decider: decider, allowedUsers: [], status: { [] },
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  /// Takes the next helper in and greets it.
  private func greet(_ listener: UnixListener) async throws -> UnixStream {
    let stream = try await listener.accept()
    #expect(try await stream.line() == "helper/1")
    try await stream.write("helper/1\n")
    return stream
  }

  /// Asks until the answer starts so, as it must after a while.
  private func ask(_ helper: HelperProcess, until start: String) async throws {
    var number = 1_000_000
    try await eventually("an answer that starts with \(start): \(helper.news)") {
      number += 1
      return try await helper.ask("\(number) \(Self.allowed)").hasPrefix("\(number) \(start)")
    }
  }

  @Test func whatTheServerDecidesIsHandedToSquid() async throws {
    let folder = try TestFolder()
    let server = try await serve(at: folder.path + "/socket")
    let helper = try HelperProcess(folder.path + "/socket")
    #expect(try await helper.ask("17 \(Self.allowed)").hasPrefix("17 OK reason=allowed route=one peer="))
    #expect(
      try await helper.ask("17 10.8.2.1 1 13128 CONNECT login.example.com 443").hasPrefix("17 ERR reason=noRule "))
    #expect(try await helper.ask("18 nonsense") == "18 ERR reason=malformed")
    #expect(try await helper.end() == 0)
    #expect(helper.news.isEmpty)
    await server.stop()
  }

  @Test func whileTheServerIsGoneAllIsRefusedAndItIsToldOnce() async throws {
    let folder = try TestFolder()
    let path = folder.path + "/socket"
    let helper = try HelperProcess(path)
    for number in 1...50 {
      #expect(try await helper.ask("\(number) \(Self.allowed)") == "\(number) \(Self.unavailable)")
    }
    #expect(helper.news.count == 1 && helper.news[0].contains(path), "\(helper.news)")
    for round in 1...3 {
      let server = try await serve(at: path)
      try await ask(helper, until: "OK ")
      await server.stop()
      try await ask(helper, until: Self.unavailable)
      #expect(helper.news.count == 1 + 2 * round, "\(helper.news)")
    }
    #expect(helper.isRunning)
    #expect(try await helper.end() == 0)
  }

  @Test func whatWaitsWhenTheServerDiesIsRefusedAtOnce() async throws {
    let folder = try TestFolder()
    let listener = try UnixListener(at: folder.path + "/socket")
    let helper = try HelperProcess(listener.path)
    var server: UnixStream? = try await greet(listener)
    try await helper.write((1...5).map { "\($0) \(Self.allowed)\n" }.joined())
    #expect(try await server?.lines(5).count == 5)
    server = nil
    #expect(try await helper.answers(5) == (1...5).map { "\($0) \(Self.unavailable)" })
    #expect(try await helper.end() == 0)
  }

  @Test func aServerThatIsSlowIsGivenUpAndThenNotWaitedFor() async throws {
    let folder = try TestFolder()
    let listener = try UnixListener(at: folder.path + "/socket")
    let helper = try HelperProcess(listener.path, timeout: 5)
    let server = try await greet(listener)
    let start = ContinuousClock.now
    #expect(try await helper.ask("1 \(Self.allowed)") == "1 \(Self.unavailable)")
    #expect(ContinuousClock.now - start > .milliseconds(4900))
    // Whoever connects again is not greeted: of these, none waits that long.
    let next = ContinuousClock.now
    for number in 2...40 {
      #expect(try await helper.ask("\(number) \(Self.allowed)") == "\(number) \(Self.unavailable)")
    }
    #expect(ContinuousClock.now - next < .seconds(60))
    #expect(helper.news.count == 1, "\(helper.news)")
    withExtendedLifetime(server) {}
    // It is greeted at last, and works again.
    let again = try await greet(listener)
    try await eventually("word that it is over: \(helper.news)") { helper.news.count == 2 }
    try await helper.write("99 \(Self.allowed)\n")
    let question = try #require(try await again.line())
    try await again.write(question.prefix { $0 != " " } + " OK reason=allowed\n")
    #expect(try await helper.answer() == "99 OK reason=allowed")
    #expect(try await helper.end() == 0)
  }

  @Test func aLateAnswerIsNotTakenForThatToANewQuestionOnTheSameChannel() async throws {
    let folder = try TestFolder()
    let listener = try UnixListener(at: folder.path + "/socket")
    let helper = try HelperProcess(listener.path, timeout: 5)
    let first = try await greet(listener)
    try await helper.write("7 \(Self.allowed)\n")
    let question = try #require(try await first.line())
    #expect(try await helper.answer() == "7 \(Self.unavailable)")
    // The server answers the old question on the new connection, where channel 7 waits for another answer.
    let second = try await greet(listener)
    try await eventually("word that it is over: \(helper.news)") { helper.news.count == 2 }
    try await helper.write("7 10.8.2.1 1 13128 CONNECT evil.example.com 443\n")
    let other = try #require(try await second.line())
    #expect(other.prefix { $0 != " " } != question.prefix { $0 != " " })
    try await second.write(question.prefix { $0 != " " } + " OK reason=allowed\n")
    try await second.write(other.prefix { $0 != " " } + " ERR reason=destination\n")
    #expect(try await helper.answer() == "7 ERR reason=destination")
    #expect(try await helper.end() == 0)
  }

  @Test(arguments: [
    "garbage\n", "\n", "OK\n", "1\n", "1 \n", "1 BH\n", "1 OK\u{1}\n", "1 OK \u{FF}\n", "-1 OK\n", "1 ok\n",
    "1  OK\n",
    "1 OKAY\n", "99999999999999999999 OK\n", "1 OK " + String(repeating: "a", count: 400) + "\n",
    "1 OK " + String(repeating: "a", count: 305) + "\n", String(repeating: "x", count: 70_000),
  ])
  func anAnswerThatIsNoneIsARefusalAndTheServerIsAskedAnew(garbage: String) async throws {
    let folder = try TestFolder()
    let listener = try UnixListener(at: folder.path + "/socket")
    let helper = try HelperProcess(listener.path)
    let server = try await greet(listener)
    try await helper.write("1 \(Self.allowed)\n2 \(Self.allowed)\n")
    _ = try await server.lines(2)
    try? await server.write(garbage)
    #expect(try await helper.answer() == "1 \(Self.unavailable)")
    #expect(try await helper.answer() == "2 \(Self.unavailable)")
    #expect(helper.news.count == 1, "\(helper.news)")
    let again = try await greet(listener)
    try await eventually("word that it is over: \(helper.news)") { helper.news.count == 2 }
    try await helper.write("3 \(Self.allowed)\n")
    let question = try #require(try await again.line())
    try await again.write(question.prefix { $0 != " " } + " ERR\n")
    #expect(try await helper.answer() == "3 ERR")
    #expect(try await helper.end() == 0)
  }

  @Test func whoeverDoesNotGreetAsSteerDoesIsNotAsked() async throws {
    let folder = try TestFolder()
    let listener = try UnixListener(at: folder.path + "/socket")
    let helper = try HelperProcess(listener.path)
    let server = try await listener.accept()
    try await server.write("helper/2\n1 OK\n2 OK\n")
    #expect(try await helper.ask("1 \(Self.allowed)") == "1 \(Self.unavailable)")
    #expect(helper.news.first?.contains("no Steer of this version") == true)
    #expect(try await helper.end() == 0)
  }

  @Test func answersThatNobodyWaitsForAreNobodys() async throws {
    let folder = try TestFolder()
    let listener = try UnixListener(at: folder.path + "/socket")
    let helper = try HelperProcess(listener.path)
    let server = try await greet(listener)
    try await helper.write("5 \(Self.allowed)\n6 10.8.2.1 1 13128 CONNECT evil.example.com 443\n")
    let numbers = try await server.lines(2).map { $0.prefix { $0 != " " } }
    try await server.write(
      "0 OK\n77 OK\n9223372036854775807 OK\n\(numbers[0]) OK\n\(numbers[0]) OK\n\(numbers[0]) ERR\n")
    try await server.write("\(numbers[1]) ERR reason=destination\n\(numbers[1]) OK\n")
    #expect(try await helper.answer() == "5 OK")
    #expect(try await helper.answer() == "6 ERR reason=destination")
    try await helper.write("6 \(Self.allowed)\n")
    let number = try #require(try await server.line()).prefix { $0 != " " }
    try await server.write("\(numbers[1]) OK\n\(number) ERR reason=last\n")
    #expect(try await helper.answer() == "6 ERR reason=last")
    #expect(helper.news.isEmpty)
    #expect(try await helper.end() == 0)
  }

  @Test func linesMayComeInAnyPartsFromBothSides() async throws {
    let folder = try TestFolder()
    let listener = try UnixListener(at: folder.path + "/socket")
    let helper = try HelperProcess(listener.path)
    let server = try await greet(listener)
    for octet in "31 \(Self.allowed)\n" { try await helper.write(String(octet)) }
    let number = try #require(try await server.line()).prefix { $0 != " " }
    for octet in "\(number) OK reason=allowed\n" { try await server.write(String(octet)) }
    #expect(try await helper.answer() == "31 OK reason=allowed")
    #expect(try await helper.end() == 0)
  }

  @Test func aHundredQuestionsAtOnceAreAnsweredInAnyOrder() async throws {
    let folder = try TestFolder()
    let listener = try UnixListener(at: folder.path + "/socket")
    let helper = try HelperProcess(listener.path)
    let server = try await greet(listener)
    try await helper.write((0..<100).map { "\($0) \(Self.allowed)\n" }.joined())
    let numbers = try await server.lines(100).map { String($0.prefix { $0 != " " }) }
    let filler = String(repeating: "x", count: 280)
    try await server.write(numbers.reversed().map { "\($0) OK rule=\(filler)\n" }.joined())
    let answers = try await helper.answers(100)
    #expect(answers == (0..<100).reversed().map { "\($0) OK rule=\(filler)" })
    #expect(try await helper.end() == 0)
  }

  @Test func whatIsAskedBeforeTheServerGreetsWaitsForIt() async throws {
    let folder = try TestFolder()
    let listener = try UnixListener(at: folder.path + "/socket")
    let helper = try HelperProcess(listener.path)
    try await helper.write("1 \(Self.allowed)\n")
    let server = try await listener.accept()
    #expect(try await server.lines(2).last?.hasSuffix(Self.allowed) == true)
    try await server.write("helper/1\n1 OK reason=allowed\n")
    #expect(try await helper.answer() == "1 OK reason=allowed")
    #expect(try await helper.end() == 0)
  }

  @Test func aLineThatIsTooLongIsRefusedAndOneWithoutAChannelPassedOver() async throws {
    let folder = try TestFolder()
    let server = try await serve(at: folder.path + "/socket")
    let helper = try HelperProcess(folder.path + "/socket")
    try await helper.write("hello\n\n \n44 \(String(repeating: "a", count: 200_000))\n")
    #expect(try await helper.answer() == "44 ERR reason=malformed")
    #expect(try await helper.ask("45 \(Self.allowed)").hasPrefix("45 OK "))
    #expect(try await helper.end() == 0)
    await server.stop()
  }

  @Test func whatWasAskedBeforeTheInputEndedIsAnswered() async throws {
    let folder = try TestFolder()
    let server = try await serve(at: folder.path + "/socket")
    let helper = try HelperProcess(folder.path + "/socket")
    try await helper.write("1 \(Self.allowed)\n")
    #expect(try await helper.end() == 0)
    #expect(try await helper.answer().hasPrefix("1 OK "))
    await server.stop()
  }

  @Test func whenNobodyReadsTheAnswersItGoesOnUntilItsInputEnds() async throws {
    let folder = try TestFolder()
    let listener = try UnixListener(at: folder.path + "/socket")
    let helper = try HelperProcess(listener.path)
    let server = try await greet(listener)
    helper.closeOutput()
    for number in 1...20 {
      try await helper.write("\(number) \(Self.allowed)\n")
      let question = try #require(try await server.line())
      try await server.write(question.prefix { $0 != " " } + " OK\n")
    }
    #expect(helper.isRunning)
    #expect(try await helper.end() == 0)
  }
}
