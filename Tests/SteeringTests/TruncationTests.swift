import DNSWire
import Steering
import TestSupport
import Testing

@Suite struct TruncationTests {
  @Test func anAnswerIsTruncatedOnlyIfItDoesNotFit() throws {
    var responder = Responder(try TestPolicy.snapshot(TestPolicy.manyAddresses(30)))
    // Header, question, addresses, OPT.
    let size = 12 + 21 + 30 * 16 + 11
    for (limit, fits) in [(size - 1, false), (size, true), (size + 1, true)] {
      var query = WireQuery("many.steer.test", .a)
      query.edns?.payloadSize = UInt16(limit)
      var buffer = [UInt8](repeating: 0, count: Responder.udpBufferSize)
      var span = buffer.mutableSpan
      let length = responder.respond(to: query.octets.span, from: IPAddress(v4: 0x7F00_0001), over: .udp, into: &span)
      let message = try LDNSMessage(Array(buffer.prefix(length)))
      #expect(message.flags.contains(.truncated) == !fits)
      #expect(message.answer.count == (fits ? 30 : 0))
      #expect(length <= limit)
    }
  }
}
