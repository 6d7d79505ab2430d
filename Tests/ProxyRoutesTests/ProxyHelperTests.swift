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
  private func greet(_ listener: UnixListener) throws -> UnixStream {
    let stream = try listener.accept()
    #expect(try stream.line() == "helper/1")
    try stream.write("helper/1\n")
    return stream
  }

  /// Asks until the answer starts so, as it must after a while.
  private func ask(_ helper: HelperProcess, until start: String) async throws {
    var number = 1_000_000
    try await helper.eventually("an answer starts with \(start)") {
      number += 1
      return try helper.ask("\(number) \(Self.allowed)").hasPrefix("\(number) \(start)")
    }
  }

  @Test func whatTheServerDecidesIsHandedToSquid() async throws {
    let folder = try TestFolder()
    let server = try await serve(at: folder.path + "/socket")
    let helper = try HelperProcess(folder.path + "/socket")
    #expect(try helper.ask("17 \(Self.allowed)").hasPrefix("17 OK reason=allowed route=one peer="))
    #expect(try helper.ask("17 10.8.2.1 1 13128 CONNECT login.example.com 443").hasPrefix("17 ERR reason=noRule "))
    #expect(try helper.ask("18 nonsense") == "18 ERR reason=malformed")
    #expect(try await helper.end() == 0)
    #expect(helper.news.isEmpty)
    await server.stop()
  }

  @Test func whileTheServerIsGoneAllIsRefusedAndItIsToldOnce() async throws {
    let folder = try TestFolder()
    let path = folder.path + "/socket"
    let helper = try HelperProcess(path)
    for number in 1...50 { #expect(try helper.ask("\(number) \(Self.allowed)") == "\(number) \(Self.unavailable)") }
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
    var server: UnixStream? = try greet(listener)
    try helper.write((1...5).map { "\($0) \(Self.allowed)\n" }.joined())
    #expect(try server?.lines(5).count == 5)
    server = nil
    #expect(try (1...5).map { _ in try helper.answer() } == (1...5).map { "\($0) \(Self.unavailable)" })
    #expect(try await helper.end() == 0)
  }

  @Test func aServerThatIsSlowIsGivenUpAndThenNotWaitedFor() async throws {
    let folder = try TestFolder()
    let listener = try UnixListener(at: folder.path + "/socket")
    let helper = try HelperProcess(listener.path, timeout: 1)
    let server = try greet(listener)
    let start = ContinuousClock.now
    #expect(try helper.ask("1 \(Self.allowed)") == "1 \(Self.unavailable)")
    #expect(ContinuousClock.now - start > .milliseconds(900))
    // Whoever connects again is not greeted: of these, none waits out the second.
    let next = ContinuousClock.now
    for number in 2...40 { #expect(try helper.ask("\(number) \(Self.allowed)") == "\(number) \(Self.unavailable)") }
    #expect(ContinuousClock.now - next < .seconds(20))
    #expect(helper.news.count == 1, "\(helper.news)")
    withExtendedLifetime(server) {}
    // It is greeted at last, and works again.
    let again = try greet(listener)
    try await helper.eventually("it is told that it is over") { helper.news.count == 2 }
    try helper.write("99 \(Self.allowed)\n")
    let question = try #require(try again.line())
    try again.write(question.prefix { $0 != " " } + " OK reason=allowed\n")
    #expect(try helper.answer() == "99 OK reason=allowed")
    #expect(try await helper.end() == 0)
  }

  @Test func aLateAnswerIsNotTakenForThatToANewQuestionOnTheSameChannel() async throws {
    let folder = try TestFolder()
    let listener = try UnixListener(at: folder.path + "/socket")
    let helper = try HelperProcess(listener.path, timeout: 0.5)
    let first = try greet(listener)
    try helper.write("7 \(Self.allowed)\n")
    let question = try #require(try first.line())
    #expect(try helper.answer() == "7 \(Self.unavailable)")
    // The server answers the old question on the new connection, where channel 7 waits for another answer.
    let second = try greet(listener)
    try await helper.eventually("it is told that it is over") { helper.news.count == 2 }
    try helper.write("7 10.8.2.1 1 13128 CONNECT evil.example.com 443\n")
    let other = try #require(try second.line())
    #expect(other.prefix { $0 != " " } != question.prefix { $0 != " " })
    try second.write(question.prefix { $0 != " " } + " OK reason=allowed\n")
    try second.write(other.prefix { $0 != " " } + " ERR reason=destination\n")
    #expect(try helper.answer() == "7 ERR reason=destination")
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
    let server = try greet(listener)
    try helper.write("1 \(Self.allowed)\n2 \(Self.allowed)\n")
    _ = try server.lines(2)
    try? server.write(garbage)
    #expect(try helper.answer() == "1 \(Self.unavailable)")
    #expect(try helper.answer() == "2 \(Self.unavailable)")
    #expect(helper.news.count == 1, "\(helper.news)")
    let again = try greet(listener)
    try await helper.eventually("it is told that it is over") { helper.news.count == 2 }
    try helper.write("3 \(Self.allowed)\n")
    let question = try #require(try again.line())
    try again.write(question.prefix { $0 != " " } + " ERR\n")
    #expect(try helper.answer() == "3 ERR")
    #expect(try await helper.end() == 0)
  }

  @Test func whoeverDoesNotGreetAsSteerDoesIsNotAsked() async throws {
    let folder = try TestFolder()
    let listener = try UnixListener(at: folder.path + "/socket")
    let helper = try HelperProcess(listener.path)
    let server = try listener.accept()
    try server.write("helper/2\n1 OK\n2 OK\n")
    #expect(try helper.ask("1 \(Self.allowed)") == "1 \(Self.unavailable)")
    #expect(helper.news.first?.contains("no Steer of this version") == true)
    #expect(try await helper.end() == 0)
  }

  @Test func answersThatNobodyWaitsForAreNobodys() async throws {
    let folder = try TestFolder()
    let listener = try UnixListener(at: folder.path + "/socket")
    let helper = try HelperProcess(listener.path)
    let server = try greet(listener)
    try helper.write("5 \(Self.allowed)\n6 10.8.2.1 1 13128 CONNECT evil.example.com 443\n")
    let numbers = try server.lines(2).map { $0.prefix { $0 != " " } }
    try server.write("0 OK\n77 OK\n9223372036854775807 OK\n\(numbers[0]) OK\n\(numbers[0]) OK\n\(numbers[0]) ERR\n")
    try server.write("\(numbers[1]) ERR reason=destination\n\(numbers[1]) OK\n")
    #expect(try helper.answer() == "5 OK")
    #expect(try helper.answer() == "6 ERR reason=destination")
    try helper.write("6 \(Self.allowed)\n")
    let number = try #require(try server.line()).prefix { $0 != " " }
    try server.write("\(numbers[1]) OK\n\(number) ERR reason=last\n")
    #expect(try helper.answer() == "6 ERR reason=last")
    #expect(helper.news.isEmpty)
    #expect(try await helper.end() == 0)
  }

  @Test func linesMayComeInAnyPartsFromBothSides() async throws {
    let folder = try TestFolder()
    let listener = try UnixListener(at: folder.path + "/socket")
    let helper = try HelperProcess(listener.path)
    let server = try greet(listener)
    for octet in "31 \(Self.allowed)\n" { try helper.write(String(octet)) }
    let number = try #require(try server.line()).prefix { $0 != " " }
    for octet in "\(number) OK reason=allowed\n" { try server.write(String(octet)) }
    #expect(try helper.answer() == "31 OK reason=allowed")
    #expect(try await helper.end() == 0)
  }

  @Test func aHundredQuestionsAtOnceAreAnsweredInAnyOrder() async throws {
    let folder = try TestFolder()
    let listener = try UnixListener(at: folder.path + "/socket")
    let helper = try HelperProcess(listener.path)
    let server = try greet(listener)
    try helper.write((0..<100).map { "\($0) \(Self.allowed)\n" }.joined())
    let numbers = try server.lines(100).map { String($0.prefix { $0 != " " }) }
    let filler = String(repeating: "x", count: 280)
    try server.write(numbers.reversed().map { "\($0) OK rule=\(filler)\n" }.joined())
    let answers = try (0..<100).map { _ in try helper.answer() }
    #expect(answers == (0..<100).reversed().map { "\($0) OK rule=\(filler)" })
    #expect(try await helper.end() == 0)
  }

  @Test func whatIsAskedBeforeTheServerGreetsWaitsForIt() async throws {
    let folder = try TestFolder()
    let listener = try UnixListener(at: folder.path + "/socket")
    let helper = try HelperProcess(listener.path)
    try helper.write("1 \(Self.allowed)\n")
    let server = try listener.accept()
    #expect(try server.lines(2).last?.hasSuffix(Self.allowed) == true)
    try server.write("helper/1\n1 OK reason=allowed\n")
    #expect(try helper.answer() == "1 OK reason=allowed")
    #expect(try await helper.end() == 0)
  }

  @Test func aLineThatIsTooLongIsRefusedAndOneWithoutAChannelPassedOver() async throws {
    let folder = try TestFolder()
    let server = try await serve(at: folder.path + "/socket")
    let helper = try HelperProcess(folder.path + "/socket")
    try helper.write("hello\n\n \n44 \(String(repeating: "a", count: 200_000))\n")
    #expect(try helper.answer() == "44 ERR reason=malformed")
    #expect(try helper.ask("45 \(Self.allowed)").hasPrefix("45 OK "))
    #expect(try await helper.end() == 0)
    await server.stop()
  }

  @Test func whatWasAskedBeforeTheInputEndedIsAnswered() async throws {
    let folder = try TestFolder()
    let server = try await serve(at: folder.path + "/socket")
    let helper = try HelperProcess(folder.path + "/socket")
    try helper.write("1 \(Self.allowed)\n")
    #expect(try await helper.end() == 0)
    #expect(try helper.answer().hasPrefix("1 OK "))
    await server.stop()
  }

  @Test func whenNobodyReadsTheAnswersItGoesOnUntilItsInputEnds() async throws {
    let folder = try TestFolder()
    let listener = try UnixListener(at: folder.path + "/socket")
    let helper = try HelperProcess(listener.path)
    let server = try greet(listener)
    helper.closeOutput()
    for number in 1...20 {
      try helper.write("\(number) \(Self.allowed)\n")
      let question = try #require(try server.line())
      try server.write(question.prefix { $0 != " " } + " OK\n")
    }
    #expect(helper.isRunning)
    #expect(try await helper.end() == 0)
  }
}
