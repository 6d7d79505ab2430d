import DNSWire
import TestSupport

/// A pod of team-a that sends forged messages, and looks at what comes back.
struct Forger: Sendable {
  /// How long what follows the last answer is waited for: what comes later than that is not seen.
  private static let quiet = 300
  /// How long an honest question is waited for, in milliseconds.
  private static let patience = 20_000
  /// Messages that are under way at one time; few enough for any forwarder's limits.
  private static let window = 16

  /// Whom it asks.
  let server: Endpoint

  /// What came of it.
  struct Outcome: Sendable {
    /// Answers to forged messages.
    var answers = 0
    /// Answers to honest questions in between that named the forger's own proxy.
    var own = 0
    /// Answers that hold what only the other pod may know, with the message of the same ID.
    var disclosures: [String] = []
  }

  private func client(overTCP: Bool = false) throws -> LoopbackClient {
    let pod = IPAddress(Lab.Place.teamA.address) ?? server.address
    return try LoopbackClient(from: pod, to: server, overTCP: overTCP)
  }

  /// An honest question, whose ID no forged one has.
  private static func honest() -> [UInt8] {
    var query = WireQuery(id: 0xFFFF, Lab.steeredName, .a)
    query.flags = 0x0100
    return query.octets
  }

  /// Sends datagrams, and an honest question after every few.
  func sendDatagrams(_ datagrams: [[UInt8]]) throws -> Outcome {
    let client = try client()
    var outcome = Outcome()
    for start in stride(from: 0, to: datagrams.count, by: Self.window) {
      for datagram in datagrams[start..<min(start + Self.window, datagrams.count)] { try client.send(datagram) }
      try client.send(Self.honest())
      client.setPatience(milliseconds: Self.patience)
      var isHonestAnswered = false
      while !isHonestAnswered {
        guard let answer = try client.receive() else { break }
        isHonestAnswered = outcome.take(answer, to: datagrams)
      }
    }
    client.setPatience(milliseconds: Self.quiet)
    while let answer = try? client.receive() { _ = outcome.take(answer, to: datagrams) }
    return outcome
  }

  /// Sends each stream over a connection of its own, and reads what comes until its end.
  func sendStreams(_ streams: [[UInt8]], of messages: [[UInt8]]) throws -> Outcome {
    var outcome = Outcome()
    for stream in streams {
      let client = try client(overTCP: true)
      client.setPatience(milliseconds: Self.quiet)
      // The other end may have closed already: then there is no answer, which is as well.
      guard (try? client.send(stream)) != nil else { continue }
      client.endInput()
      while let answer = try? client.receive(), !answer.isEmpty { _ = outcome.take(answer, to: messages) }
    }
    let honest = try client(overTCP: true).ask(Self.honest())
    _ = outcome.take(honest, to: messages)
    return outcome
  }
}

extension Forger.Outcome {
  /// What an answer holds that team-a must never be told: team-b's proxies, and that Steer takes the asker for team-b.
  static func disclosure(in answer: [UInt8]) -> String? {
    // No question of the forger's holds these octets, so an answer has them of Steer alone.
    let proxies: [[UInt8]] = [[4, 10, 96, 7, 11], [4, 10, 96, 7, 20]]
    if proxies.contains(where: answer.contains) { return "a proxy of team-b" }
    // A canary repeats a claim as a candidate, which tells the forger its own words; whom it was taken for is here.
    let words = ["namespace=team-b", "client=\(Lab.Place.teamB.address)"]
    return words.first { answer.contains(Array($0.utf8)) }
  }

  /// Counts an answer; says whether it answers an honest question.
  fileprivate mutating func take(_ answer: [UInt8], to messages: [[UInt8]]) -> Bool {
    if let disclosure = Self.disclosure(in: answer) {
      let message = messages.first { $0.starts(with: answer.prefix(2)) } ?? []
      disclosures.append("\(disclosure): \(answer.hexadecimal) answers \(message.hexadecimal)")
    }
    guard answer.starts(with: [0xFF, 0xFF]) else {
      answers += 1
      return false
    }
    if answer.contains([4, 10, 96, 7, 10]) { own += 1 }
    return true
  }
}

extension [UInt8] {
  /// The octets in hexadecimal.
  fileprivate var hexadecimal: String {
    map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
