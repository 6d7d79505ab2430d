import Control
import DNSWire
import Steering
import TestSupport
import Testing

/// What comes from the network and is no proper query: the RFC's answer or silence, never a crash.
@Suite struct MalformedQueryTests {
  private let snapshot: Snapshot

  init() throws {
    snapshot = try TestPolicy.snapshot(TestPolicy.minimal)
  }

  /// The answer, over UDP.
  private func respond(to message: [UInt8]) -> [UInt8] {
    var responder = Responder(snapshot)
    var buffer = [UInt8](repeating: 0, count: Responder.udpBufferSize)
    var span = buffer.mutableSpan
    let size = responder.respond(
      to: message.span, from: IPAddress(v4: 0x0A08_0101), over: .udp, into: &span)
    return Array(buffer.prefix(size))
  }

  private func expect(_ rcode: UInt16?, for message: [UInt8], _ note: Comment? = nil) throws {
    let answer = respond(to: message)
    guard let rcode else {
      #expect(answer.isEmpty, note)
      return
    }
    let parsed = try LDNSMessage(answer)
    #expect(parsed.fullRcode == rcode, note)
    #expect(parsed.id == UInt16(message[0]) << 8 | UInt16(message[1]), note)
    #expect(parsed.answer.isEmpty, note)
  }

  private let query = WireQuery("one.steer.test", .a)

  @Test func aQueryCutOffAnywhereIsAFormatErrorOrSilence() throws {
    let whole = query.octets
    for length in 0..<whole.count {
      try expect(length < 12 ? nil : 1, for: Array(whole.prefix(length)), "cut to \(length)")
    }
    #expect(try LDNSMessage(respond(to: whole)).fullRcode == 0)
  }

  @Test func aResponseIsNeverAnswered() throws {
    for flags: UInt16 in [0x8000, 0x8180, 0xF800] {
      var query = query
      query.flags = flags
      try expect(nil, for: query.octets)
    }
  }

  @Test func questionCountsOtherThanOneAreFormatErrors() throws {
    for count: UInt8 in [0, 2, 255] {
      var octets = query.octets
      octets[5] = count
      try expect(1, for: octets)
    }
    // Without a question the OPT follows the header, and is answered.
    let none: [UInt8] = [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 0]
    try expect(1, for: none)
    #expect(try LDNSMessage(respond(to: none)).edns != nil)
    var two = query
    two.edns = nil
    var octets = two.octets + two.question
    octets[5] = 2
    try expect(1, for: octets)
  }

  @Test func unknownOpcodesAreNotImplemented() throws {
    // NOTIFY (4) is known, and refused.
    for opcode: UInt16 in 1...15 where opcode != 4 {
      var query = query
      query.flags = opcode << 11
      let answer = try LDNSMessage(respond(to: query.octets))
      #expect(answer.fullRcode == 4)
      #expect(answer.edns != nil, "a query with EDNS is answered with it")
    }
  }

  @Test func aCompressedQuestionIsAFormatErrorHoweverItPoints() throws {
    for target: UInt8 in [0, 12, 14, 255] {
      try expect(1, for: [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0, target, 0, 1, 0, 1])
      try expect(1, for: [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0x61, 0xC0, target, 0, 1, 0, 1])
    }
  }

  @Test func reservedLabelTypesAreFormatErrors() throws {
    for length: UInt8 in [64, 127, 128, 191] {
      let name = [length] + [UInt8](repeating: 0x61, count: Int(length)) + [0]
      try expect(1, for: [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0] + name + [0, 1, 0, 1])
    }
  }

  @Test func theLongestNameIsAnsweredAndOneOctetMoreIsAFormatError() throws {
    let labels = Array(repeating: [63] + [UInt8](repeating: 0x61, count: 63), count: 3).flatMap { $0 }
    let head: [UInt8] = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    let longest = labels + [61] + [UInt8](repeating: 0x62, count: 61) + [0]
    let tooLong = labels + [62] + [UInt8](repeating: 0x62, count: 62) + [0]
    #expect(longest.count == 255)
    try expect(5, for: head + longest + [0, 1, 0, 1])
    try expect(1, for: head + tooLong + [0, 1, 0, 1])
    let many = (0..<127).flatMap { _ -> [UInt8] in [1, 0x61] } + [0]
    try expect(5, for: head + many + [0, 1, 0, 1])
  }

  @Test func twoOPTsAreAFormatError() throws {
    var octets = query.octets + [0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 0]
    octets[11] = 2
    try expect(1, for: octets)
  }

  @Test func anOPTWhoseOwnerIsNotTheRootIsAFormatError() throws {
    var query = query
    query.edns = nil
    var octets = query.octets + [1, 0x61, 0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 0]
    octets[11] = 1
    try expect(1, for: octets)
  }

  @Test func anOptionThatRunsPastTheOPTIsAFormatError() throws {
    for options: [UInt8] in [[0, 3], [0, 3, 0, 1], [0xFF, 0xEE, 0xFF, 0xFF, 1]] {
      var query = query
      query.edns?.options = options
      try expect(1, for: query.octets)
    }
  }

  @Test func octetsLeftOverAndForeignSectionsAreFormatErrors() throws {
    try expect(1, for: query.octets + [0])
    for position in [7, 9] {
      var octets = query.octets
      octets[position] = 1
      try expect(1, for: octets)
    }
  }

  @Test func noiseNeverTrapsAndEveryAnswerParses() throws {
    var generator = SeededGenerator(seed: 0x5EED)
    let seeds = [
      query.octets, WireQuery("_explain.one.steer.test", .txt).octets, WireQuery("steer.test", .any).octets,
    ]
    for round in 0..<20_000 {
      var message = seeds[round % seeds.count]
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        message[Int.random(in: 0..<message.count, using: &generator)] = .random(in: 0...255, using: &generator)
      }
      if Bool.random(using: &generator) { message.removeLast(Int.random(in: 0..<message.count, using: &generator)) }
      let answer = respond(to: message)
      guard !answer.isEmpty else { continue }
      #expect(message.count >= 12 && message[2] & 0x80 == 0)
      #expect(throws: Never.self) { try LDNSMessage(answer) }
    }
  }
}
