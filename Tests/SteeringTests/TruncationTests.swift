import DNSWire
import Foundation
import Steering
import TestSupport
import Testing

@Suite struct TruncationTests {
  /// Thirty addresses: 12 octets of header, 20 of question, 16 for each record, 11 of OPT.
  private func snapshot() throws -> Snapshot {
    let endpoints = (1...30).map { "{addresses: [10.8.9.\($0)]}" }.joined(separator: ", ")
    let documents =
      TestPolicy.minimal.replacing(
        "spec: {clusterIP: 10.96.0.1, ports: [{port: 3128, targetPort: 13128}]}",
        with: "spec: {clusterIP: None, ports: [{port: 3128, targetPort: 13128}]}")
        + """

        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {namespace: proxy, name: one-1, labels: {kubernetes.io/service-name: one}}
        addressType: IPv4
        endpoints: [\(endpoints)]
        """
    return try TestPolicy.snapshot(documents)
  }

  @Test func anAnswerIsTruncatedOnlyIfItDoesNotFit() throws {
    var responder = Responder(try snapshot())
    let size = 12 + 20 + 30 * 16 + 11
    for (limit, fits) in [(size - 1, false), (size, true), (size + 1, true)] {
      var query = WireQuery("one.steer.test", .a)
      query.edns?.payloadSize = UInt16(limit)
      var buffer = [UInt8](repeating: 0, count: Responder.udpBufferSize)
      var span = buffer.mutableSpan
      let length = responder.respond(to: query.octets.span, from: IPAddress(v4: 0x0A08_0101), over: .udp, into: &span)
      let message = try LDNSMessage(Array(buffer.prefix(length)))
      #expect(message.flags.contains(.truncated) == !fits)
      #expect(message.answer.count == (fits ? 30 : 0))
      #expect(length <= limit)
    }
  }
}
