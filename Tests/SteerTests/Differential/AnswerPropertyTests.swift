import DNSWire
import TestSupport
import Testing

/// What holds for every answer of a served zone, however the question is mangled: libldns reads it, it echoes ID and
/// question to the octet, and it has no more octets than were asked for.
@Suite struct AnswerPropertyTests {
  private static let seeds = UInt64(1)...20
  private static let queries = 100

  private var random = SeededGenerator(seed: 0xA115)

  @Test(arguments: [false, true])
  mutating func everyAnswerIsSound(overTCP: Bool) async throws {
    let zones = Self.seeds.flatMap { ZoneGenerator.zones(seed: $0, queries: Self.queries) }
    let served = zones.map { ZoneServer.Zone(name: $0.name, apex: "\($0.apex)", text: $0.text) }
    var random = random
    var (answers, silences) = (0, 0)
    try await ZoneServer.serving(served, serial: ZoneGenerator.serial) { server, refusals in
      #expect(refusals.isEmpty)
      let client = try LoopbackClient(from: server.address, to: server, overTCP: overTCP)
      for zone in zones {
        for query in zone.queries {
          var message = query.octets
          if Bool.random(using: &random) { Self.mangle(&message, &random) }
          if try Self.check(message, client, overTCP: overTCP, "seed \(zone.seed): \(message)") {
            answers += 1
          } else {
            silences += 1
          }
        }
      }
    }
    // Mangled ones turn into responses at times, which nobody answers.
    #expect(answers > 1_500 && silences > 0)
  }

  /// Changes, adds or removes octets, most of them behind the ID.
  private static func mangle(_ message: inout [UInt8], _ random: inout SeededGenerator) {
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let index = Int.random(in: 0..<message.count, using: &random)
      switch Int.random(in: 0...4, using: &random) {
      case 0: message[index] = UInt8.random(in: 0...255, using: &random)
      case 1: message[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
      case 2: message.insert(UInt8.random(in: 0...255, using: &random), at: index)
      case 3: if message.count > Header.size { message.remove(at: index) }
      default:
        message += (0..<Int.random(in: 1...20, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      }
    }
  }

  /// Sends a message, and behind it one that is answered whatever the first is; checks what comes back, and tells
  /// whether the first was answered.
  private static func check(
    _ message: [UInt8], _ client: borrowing LoopbackClient, overTCP: Bool, _ note: Comment
  ) throws -> Bool {
    var sentinel = WireQuery(labels: [], .ns)
    sentinel.id = ~(UInt16(message[0]) << 8 | UInt16(message[1]))
    for octets in [message, sentinel.octets] { try client.send((overTCP ? framed(octets) : octets)) }
    var response: [UInt8]?
    while let octets = try client.receive(), !octets.starts(with: sentinel.octets.prefix(2)) {
      #expect(response == nil, "two answers to \(note)")
      response = octets
    }
    var query = Query()
    let outcome = query.read(message.span)
    guard let response else {
      #expect(outcome == .silence, "no answer to \(note)")
      return false
    }
    #expect(outcome != .silence, "an answer to \(note)")
    #expect(response.prefix(2) == message.prefix(2), note)
    if query.hasQuestion {
      #expect(response.dropFirst(Header.size).starts(with: message[Header.size..<query.questionEnd]), note)
    }
    let payload = min(max(query.edns.map { Int($0.payloadSize) } ?? 0, 512), ResponseWriter.maximumUDPSize)
    #expect(response.count <= (overTCP ? 65_535 : payload), note)
    let read = try LDNSMessage(response)
    #expect((read.edns != nil) == (query.edns != nil), note)
    #expect(!overTCP || !read.flags.contains(.truncated), note)
    return true
  }

  private static func framed(_ message: [UInt8]) -> [UInt8] {
    [UInt8(message.count >> 8), UInt8(message.count & 0xFF)] + message
  }
}
