import DNSWire
import Steering

/// Answers one kind of query again and again.
struct Asker: ~Copyable {
  private var responder: Responder
  /// Buffers of the sizes that the server has.
  private var datagram = [UInt8](repeating: 0, count: Responder.udpBufferSize)
  private var stream = [UInt8](repeating: 0, count: Responder.tcpBufferSize)

  /// An asker of a snapshot; as beside a proxy, it may be noted which answers have a route's addresses.
  init(_ snapshot: Snapshot, keepingRecentAnswers: Bool) {
    responder = Responder(snapshot, seed: 1)
    responder.recentAnswers = keepingRecentAnswers ? RecentAnswerTable() : nil
    responder.askers = AskerTable()
  }

  /// Answers the query `count` times; returns the octets of all answers together.
  mutating func ask(_ kind: borrowing QueryKind, count: Int) -> Int {
    switch kind.transport {
    case .udp: Self.ask(kind, count: count, of: &responder, into: &datagram)
    case .tcp: Self.ask(kind, count: count, of: &responder, into: &stream)
    }
  }

  private static func ask(
    _ kind: borrowing QueryKind, count: Int, of responder: inout Responder, into buffer: inout [UInt8]
  ) -> Int {
    let message = kind.message.span
    var response = buffer.mutableSpan
    var octets = 0
    for _ in 0..<count {
      octets += responder.respond(to: message, from: kind.client, over: kind.transport, into: &response)
    }
    return octets
  }

  /// The response code that the query is answered with; nil if the answer cannot be read.
  mutating func rcode(of kind: borrowing QueryKind) -> ResponseCode? {
    let size = ask(kind, count: 1)
    let buffer = kind.transport == .udp ? datagram : stream
    return Response(Array(buffer[..<size]))?.rcode
  }
}
