import Foundation
import Glibc
import TestSupport
import Testing

/// How a server ends.
@Suite struct ShutdownTests {
  @Test(arguments: [SIGTERM, SIGINT])
  func aServerThatIsToldToStopExitsWithSuccess(_ signal: Int32) async throws {
    try await SteerProcess.serving { server in
      server.child.send(signal)
      let status = try await server.child.status()
      #expect(status == 0)
      #expect(server.child.errors.contains("stopped"))
    }
  }

  /// `listening` promises that signals are heeded too.
  @Test(arguments: [SIGTERM, SIGHUP])
  func aSignalRightAfterListeningDoesNotKillTheServer(_ signal: Int32) async throws {
    for _ in 0..<5 {
      try await SteerProcess.serving { server in
        server.child.send(signal)
        if signal == SIGHUP { server.child.send(SIGTERM) }
        let status = try await server.child.status()
        #expect(status == 0)
      }
    }
  }

  /// A burst that fits any socket's buffer, sent before the signal: nothing of it may be lost.
  @Test func queriesThatArrivedBeforeTheEndAreAnswered() async throws {
    try await SteerProcess.serving { server in
      let clients = try (0..<4).map { _ in try Held(server.client()) }
      let queries = (0..<64).map { WireQuery(id: $0, "microsoft.intra.aibang.local", .a).octets }
      server.child.send(SIGSTOP)
      for query in queries {
        for client in clients { try client.value.send(query) }
      }
      server.child.send(SIGTERM)
      server.child.send(SIGCONT)
      for client in clients {
        let ids = try queries.map { _ in try LDNSMessage(try #require(try client.value.receive())).id }
        #expect(ids.sorted() == Array(0..<64))
      }
      #expect(try await server.child.status() == 0)
    }
  }

  /// More than one read takes: what the kernel holds at the signal is answered too.
  @Test func everyQueryThatArrivedOnAConnectionIsAnswered() async throws {
    try await SteerProcess.serving { server in
      let client = try server.client(overTCP: true)
      _ = try client.ask(WireQuery("ns1.intra.aibang.local", .a).octets)
      server.child.send(SIGSTOP)
      try client.send((0..<8_000).flatMap { WireQuery(id: $0, "ns1.intra.aibang.local", .a).framed })
      server.child.send(SIGTERM)
      server.child.send(SIGCONT)
      var count = 0
      while try client.receive() != nil { count += 1 }
      #expect(count == 8_000)
      #expect(try await server.child.status() == 0)
    }
  }

  @Test func aConnectionGetsItsAnswersBeforeItIsClosed() async throws {
    try await SteerProcess.serving { server in
      let client = try server.client(overTCP: true)
      try client.send((0..<100).flatMap { WireQuery(id: $0, "ns1.intra.aibang.local", .a).framed })
      for id in UInt16(0)..<100 {
        #expect(try LDNSMessage(try #require(try client.receive())).id == id)
        if id == 0 { server.child.send(SIGTERM) }
      }
      #expect(try client.receive() == nil)
      #expect(try await server.child.status() == 0)
    }
  }
}

/// A value that cannot be copied, where a list wants one.
private final class Held {
  let value: LoopbackClient

  init(_ value: consuming LoopbackClient) {
    self.value = value
  }
}
