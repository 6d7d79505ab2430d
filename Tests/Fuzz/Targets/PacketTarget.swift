import DNSWire
import Steering

/// A message from the network, to its answer.
///
/// The first octet says how it comes: over UDP or TCP, from which of ``senders``, with a query log or not. A PROXY header
/// may stand before the message.
enum PacketTarget {
  private static let isStream: UInt8 = 0x80
  private static let isLogged: UInt8 = 0x40

  /// Pods, a forwarder for each way of naming the client, a secondary, and strangers.
  private static let senders = [
    "10.8.1.1", "10.8.2.1", "10.0.0.53", "10.0.0.54", "10.0.0.55", "10.0.0.56", "192.0.2.1", "fd00:8::1",
  ].compactMap(IPAddress.init)
  private static let snapshot = FuzzPolicy.snapshot()
  private static let counters = Counters()

  static func run(_ octets: [UInt8]) {
    guard let way = octets.first else { return }
    let sender = senders[Int(way & 0x3F) % senders.count]
    var message = Array(octets.dropFirst())
    var client = RelayedClient.none
    if case .present(let relayed, let end) = ProxyHeader.read(message.span, isDatagram: true) {
      client = relayed
      message = Array(message.dropFirst(end))
    }
    let settings = AnswerSettings(
      minimalResponses: way & 0x20 == 0 ? .noAuth : .no, version: "version", identifier: "identifier")
    var responder = Responder(snapshot, settings: settings, counters: counters, seed: 1)
    responder.assumedTime = FuzzPolicy.time
    responder.logsQueries = way & isLogged != 0
    AnswerChecks.answer(
      message, from: sender, relaying: client, over: way & isStream == 0 ? .udp : .tcp, by: &responder)
  }
}
