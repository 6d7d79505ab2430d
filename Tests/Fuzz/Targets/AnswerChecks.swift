import DNSWire
import Steering
import TestSupport

/// What holds for every answer, whatever was asked.
enum AnswerChecks {
  /// Answers a message and checks the answer; returns it, and what a transfer adds.
  static func answer(
    _ message: [UInt8], from address: IPAddress, relaying client: RelayedClient = .none, over transport: Transport,
    by responder: inout Responder
  ) {
    let buffer = transport == .udp ? Responder.udpBufferSize : Responder.tcpBufferSize
    var response = [UInt8](repeating: 0xAA, count: buffer)
    var span = response.mutableSpan
    let size = responder.respond(
      to: message.span, from: address, relaying: client, over: transport, into: &span)
    check(Array(response.prefix(size)), of: message, over: transport)
    guard let transfer = responder.transfer else { return }
    require(transport == .tcp, "a transfer over UDP")
    while !transfer.isFinished {
      var span = response.mutableSpan
      let size = transfer.next(into: &span, at: 0)
      if size == 0 { break }
      check(Array(response.prefix(size)), of: message, over: .tcp)
    }
  }

  private static func check(_ response: [UInt8], of message: [UInt8], over transport: Transport) {
    var query = Query()
    let outcome = query.read(message.span)
    if case .silence = outcome {
      require(response.isEmpty, "what is no query is answered")
      return
    }
    require(response.count >= Header.size, "a query is not answered")
    let payload = query.edns.map { Int($0.payloadSize) } ?? 0
    let limit = transport == .tcp ? 65_535 : min(max(payload, 512), ResponseWriter.maximumUDPSize)
    require(response.count <= limit, "\(response.count) octets where \(limit) are allowed")
    require(response.prefix(2) == message.prefix(2), "another ID")
    require(response[2] & 0x80 != 0, "an answer that says it is a query")
    if query.hasQuestion {
      let question = message[Header.size..<query.questionEnd]
      require(response.dropFirst(Header.size).starts(with: question), "another question")
    }
    do {
      let read = try LDNSMessage(response)
      require((read.edns != nil) == (query.edns != nil), "EDNS of its own, or none where it was asked with it")
    } catch {
      fatalError("libldns refuses the answer: \(error)")
    }
  }
}
