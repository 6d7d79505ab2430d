import DNSWire
import Foundation
import Synchronization
import TestSupport
import Testing

/// Clients that always have a few queries under way, and ask none again: what is lost stays lost.
final class Load: Sendable {
  /// Queries that a client has under way at one time; few enough for any socket's buffer.
  private static let window: UInt16 = 16

  /// What came back.
  struct Answers: Sendable {
    /// How many answers.
    var count = 0
    /// The addresses that were answered, by the server identifier of the answer.
    var addresses: [String: Set<String>] = [:]

    mutating func merge(_ other: Answers) {
      count += other.count
      addresses.merge(other.addresses) { $0.union($1) }
    }
  }

  private let server: Endpoint
  private let isOver = Atomic(false)

  /// Clients of a server.
  init(server: Endpoint) {
    self.server = server
  }

  /// Lets the clients end.
  func end() {
    isOver.store(true, ordering: .releasing)
  }

  /// Runs one client, on a thread of its own, until the end and at least `minimum` queries.
  func run(atLeast minimum: Int) async throws -> Answers {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(with: Result { try self.ask(atLeast: minimum) })
      }
    }
  }

  private func ask(atLeast minimum: Int) throws -> Answers {
    let client = try LoopbackClient(from: try #require(IPAddress("127.0.0.11")), to: server)
    var query = WireQuery("microsoft.intra.aibang.local", .a)
    query.edns?.options = [0, 3, 0, 0]
    var answers = Answers()
    while answers.count < minimum || !isOver.load(ordering: .acquiring) {
      var missing: Set<UInt16> = []
      for _ in 0..<Self.window {
        query.id &+= 1
        missing.insert(query.id)
        try client.send(query.octets)
      }
      while !missing.isEmpty {
        let message = try LDNSMessage(try #require(try client.receive()))
        try #require(missing.remove(message.id) != nil, "an answer that nothing asked for")
        let options = try #require(message.edns).options
        try #require(options.starts(with: [0, 3]) && message.answer.count == 1)
        let identifier = String(decoding: options.dropFirst(4), as: UTF8.self)
        let address = message.answer[0].split(separator: " ").last.map(String.init)
        answers.addresses[identifier, default: []].insert(try #require(address))
        answers.count += 1
      }
    }
    return answers
  }
}
