import NIOCore
import TestSupport
import Testing

@testable import Admin

/// Requests that are no use to anybody, and clients that take more than they need.
@Suite struct HostileRequestTests {
  @Test(arguments: [
    ("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", "404"), ("POST /livez HTTP/1.1\r\nHost: a\r\n\r\n", "404"),
    ("GET /livez HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 5000))\r\n\r\n", "400"),
    ("GET /livez HTTP/1.1\r\n" + String(repeating: "X: y\r\n", count: 65) + "\r\n", "400"),
    ("GET /livez?\(String(repeating: "x", count: 5000)) HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
    ("no HTTP at all\r\n\r\n", "400"),
  ])
  func aRequestThatIsNoneIsRefusedAndTheNextOneAnswered(_ request: String, status: String) async throws {
    try await serving { server, _ in
      let answer = try await RawRequest.send(request, to: server.endpoint)
      #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer.prefix(200))")
      #expect(try await RawRequest.get("/livez", from: server.endpoint).hasPrefix("HTTP/1.1 200 "))
    }
  }

  @Test func aConnectionEndsWithTheAnswerToItsFirstRequest() async throws {
    try await serving { server, _ in
      // Returns when the server closes, which the request does not ask for.
      let answer = try await RawRequest.get("/livez", from: server.endpoint)
      #expect(answer.lowercased().contains("\r\nconnection: close\r\n"), "\(answer)")
    }
  }

  @Test(arguments: ["", "GET /livez HTTP/1.1\r\nX-", "POST /livez HTTP/1.1\r\nContent-Length: 10\r\n\r\nx"])
  func aClientThatDoesNotGetToItsEndIsSentAway(_ beginning: String) async throws {
    var limits = ConnectionLimits()
    limits.time = .milliseconds(50)
    try await serving(limits: limits) { server, _ in
      // Returns when the server closes.
      let answer = try await RawRequest.send(beginning, to: server.endpoint)
      #expect(!answer.hasPrefix("HTTP/1.1 200"), "\(answer)")
    }
  }

  @Test func aClientWithTooManyConnectionsGetsNoMore() async throws {
    var limits = ConnectionLimits()
    limits.connectionsPerClient = 2
    // Two are open until another one was refused.
    limits.time = .hours(1)
    try await serving(limits: limits) { server, _ in
      var held: [Task<String, any Error>] = []
      try await eventually("two are counted") {
        held.append(Task { try await RawRequest.send("GET /livez HTTP/1.1\r\nX-", to: server.endpoint) })
        return try await RawRequest.get("/livez", from: server.endpoint).isEmpty
      }
      await server.stop()
      for task in held { _ = try await task.value }
    }
  }

  @Test func aConnectionThatEndedCountsNoMore() async throws {
    var limits = ConnectionLimits()
    limits.connectionsPerClient = 1
    try await serving(limits: limits) { server, _ in
      for _ in 0..<20 {
        // Its client knows of its end before the server has counted it.
        try await eventually("the one before is forgotten") {
          try await RawRequest.get("/livez", from: server.endpoint).hasPrefix("HTTP/1.1 200 ")
        }
      }
    }
  }

  @Test func noTargetMakesTheServerEnd() async throws {
    var random = SplitMix(seed: 20_261_129)
    let pieces = [
      "/", "//", "?", "&", "=", "%", "%0", "%00", "%zz", "%ff", ":", "://", "@", "#", "explain", "from", "name", "a",
      "[", "]", "..", "+", "\u{7F}", "é", "http", "livez", ";", "*",
    ]
    try await serving { server, _ in
      _ = try server.serve()
      for _ in 0..<300 {
        let target = (0..<Int(random.next() % 12)).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }
          .joined()
        _ = try await RawRequest.get(target, from: server.endpoint)
      }
      #expect(try await RawRequest.get("/livez", from: server.endpoint).hasPrefix("HTTP/1.1 200 "))
    }
  }
}

/// Numbers that look random, the same each time (SplitMix64).
private struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
