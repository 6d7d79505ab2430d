import DNSWire
import TestSupport
import Testing

@testable import Steering

/// DNS cookies (RFC 7873) as RFC 9018 makes them.
@Suite struct CookieTests {
  private static let secret = "e5e973e5a6b2a43f48e7dc849e37bfcf"
  private static let client = "2464c4abcf10c957"
  private static let address = "198.51.100.100"

  private func secrets(_ texts: String...) throws -> CookieSecrets {
    try #require(CookieSecrets(texts.map(octets)))
  }

  private func octets(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  /// What becomes of a COOKIE option, and the server cookie that it is answered with.
  private func check(
    _ option: String, from address: String, at time: UInt32, with secrets: CookieSecrets
  ) throws -> (isValid: Bool, answer: [UInt8]) {
    let data = octets(option)
    let check = secrets.check(0..<data.count, of: data.span, from: try #require(IPAddress(address)), at: time)
    return (check.isValid, (0..<16).map { check.answer[$0] })
  }

  @Test(arguments: [
    (secret, client, address, UInt32(1_559_731_985), "010000005cf79f111f8130c3eee29480"),
    (secret, client, address, 1_559_734_385, "010000005cf7a871d4a564a1442aca77"),
    (secret, "fc93fc62807ddb86", "203.0.113.203", 1_559_734_700, "010000005cf7a9acf73a7810aca2381e"),
    (
      "445536bcd2513298075a5d379663c962", "22681ab97d52c298", "2001:db8:220:1:59de:d0f4:8769:82b8", 1_559_741_961,
      "010000005cf7c609a6bb79d16625507a"
    ),
  ])
  func aNewCookieIsThatOfTheAppendixOfRFC9018(
    secret: String, client: String, address: String, time: UInt32, cookie: String
  ) throws {
    let result = try check(client, from: address, at: time, with: secrets(secret))
    #expect(!result.isValid)
    #expect(result.answer == octets(cookie))
  }

  @Test func aCookieIsGoodForAnHourAndRenewedAfterHalfOfIt() throws {
    let made: UInt32 = 1_559_731_985
    let cookie = Self.client + "010000005cf79f111f8130c3eee29480"
    let secrets = try secrets(Self.secret)
    for (age, isValid, isKept): (UInt32, Bool, Bool) in [
      (0, true, true), (1799, true, true), (1800, true, false), (3600, true, false), (3601, false, false),
      (UInt32.max - 298, true, false), (UInt32.max - 300, false, false),
    ] {
      let result = try check(cookie, from: Self.address, at: made &+ age, with: secrets)
      #expect(result.isValid == isValid, "at \(age)")
      #expect((result.answer == octets("010000005cf79f111f8130c3eee29480")) == isKept, "at \(age)")
    }
  }

  @Test func aCookieIsNoGoodForAnotherClientAddressSecretOrOctet() throws {
    let time: UInt32 = 1_559_731_985
    let server = "010000005cf79f111f8130c3eee29480"
    let secrets = try secrets(Self.secret)
    #expect(try !check("2464c4abcf10c958" + server, from: Self.address, at: time, with: secrets).isValid)
    #expect(try !check(Self.client + server, from: "198.51.100.101", at: time, with: secrets).isValid)
    let other = try self.secrets("445536bcd2513298075a5d379663c962")
    #expect(try !check(Self.client + server, from: Self.address, at: time, with: other).isValid)
    for index in 0..<16 {
      var changed = octets(Self.client + server)
      changed[8 + index] ^= 1
      let address = try #require(IPAddress(Self.address))
      #expect(!secrets.check(0..<24, of: changed.span, from: address, at: time).isValid, "octet \(index)")
    }
  }

  @Test func aCookieOfTheSecretBeforeIsGoodAndGetsOneOfTheNew() throws {
    let old = "dd3bdf9344b678b185a6f5cb60fca715"
    let new = "445536bcd2513298075a5d379663c962"
    let address = "2001:db8:220:1:59de:d0f4:8769:82b8"
    let option = "22681ab97d52c298010000005cf7c57926556bd0934c72f8"
    let result = try check(option, from: address, at: 1_559_741_961, with: secrets(new, old))
    #expect(result.isValid)
    #expect(result.answer == octets("010000005cf7c609a6bb79d16625507a"))
  }

  @Test func whatIsReservedCountsAsItCame() throws {
    let option = "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5"
    let result = try check(option, from: "203.0.113.203", at: 1_559_728_000, with: secrets(Self.secret))
    #expect(result.isValid)
  }

  /// The answer over UDP of a server with secrets to a query with a COOKIE option.
  private func answer(_ option: [UInt8], to name: String = "one.steer.test", _ type: RecordType = .a) throws
    -> LDNSMessage
  {
    let snapshot = try TestPolicy.snapshot(TestPolicy.minimal).replacing(
      secrets: ServerSecrets(cookies: secrets(Self.secret)))
    var responder = Responder(snapshot)
    var query = WireQuery(name, type)
    query.edns?.addOption(10, option)
    var buffer = [UInt8](repeating: 0, count: Responder.udpBufferSize)
    var span = buffer.mutableSpan
    let size = responder.respond(
      to: query.octets.span, from: try #require(IPAddress("192.0.2.77")), over: .udp, into: &span)
    return try LDNSMessage(Array(buffer.prefix(size)))
  }

  @Test func anAnswerCarriesTheClientsCookieAndOurs() throws {
    let first = try answer(octets(Self.client))
    let options = try #require(first.edns?.options)
    #expect(Array(options.prefix(4)) == [0, 10, 0, 24])
    #expect(Array(options[4..<12]) == octets(Self.client))
    let second = try answer(Array(options[4..<28]))
    #expect(second.edns?.options.prefix(28) == options.prefix(28))
  }

  @Test func whoAsksForNothingButACookieGetsIt() throws {
    let option = [0, 10, 0, 8] + octets(Self.client)
    let query = [0x12, 0x34, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 12] + option
    for (secrets, rcode) in [(ServerSecrets(cookies: try secrets(Self.secret)), 0), (ServerSecrets(), 1)] {
      var responder = Responder(try TestPolicy.snapshot(TestPolicy.minimal).replacing(secrets: secrets))
      var buffer = [UInt8](repeating: 0, count: Responder.udpBufferSize)
      var span = buffer.mutableSpan
      let size = responder.respond(to: query.span, from: IPAddress(v4: 0x7F00_0001), over: .udp, into: &span)
      let answer = try LDNSMessage(Array(buffer.prefix(size)))
      #expect(Int(answer.fullRcode) == rcode && answer.questionName == nil)
      #expect(answer.edns?.options.count == (rcode == 0 ? 28 : 0))
    }
  }

  @Test(arguments: [0, 1, 7, 9, 15, 41])
  func aCookieOfAnotherLengthIsAFormatError(length: Int) throws {
    let answer = try answer(Array(repeating: 1, count: length))
    #expect(answer.fullRcode == 1)
    #expect(answer.edns != nil)
  }

  @Test func aLongAnswerOverUDPNeedsAValidCookieOfWhoIsNotKnown() throws {
    let without = try answer(octets(Self.client), to: "small._canary.steer.test", .txt)
    #expect(without.flags.contains(.truncated) && without.answer.isEmpty)
    let cookie = try #require(without.edns?.options[4..<28])
    let with = try answer(Array(cookie), to: "small._canary.steer.test", .txt)
    #expect(!with.flags.contains(.truncated) && with.answer.count == 1)
  }
}
