import DNSWire
import Foundation
import TestSupport
import Testing

@testable import Steering

@Suite struct TableTests {
  @Test func aBlockTableFindsTheNarrowestBlock() throws {
    var generator = SeededGenerator(seed: 4)
    for _ in 0..<40 {
      var blocks: [(block: IPBlock, value: UInt32)] = []
      for value in 0..<UInt32(20) {
        let length = Int.random(in: 0...32, using: &generator)
        let bits =
          UInt32.random(in: 0...255, using: &generator) << 24 & (length == 0 ? 0 : ~0 << (32 - UInt32(length)))
        let block = try IPBlock("\(IPAddress(v4: bits))/\(length)")
        if !blocks.contains(where: { $0.block == block }) { blocks.append((block, value)) }
      }
      blocks.append((try IPBlock("::/0"), 99))
      let table = BlockTable(blocks)
      for _ in 0..<300 {
        let address = IPAddress(v4: .random(in: 0 ... .max, using: &generator))
        let narrowest = blocks.filter { $0.block.contains(address) }.max {
          $0.block.prefixLength < $1.block.prefixLength
        }
        #expect(table.value(of: address) == narrowest?.value)
      }
      #expect(table.value(of: IPAddress(high: 1, low: 1)) == 99)
    }
  }

  @Test func aTextThatFillsItsRecordSaysItsOwnLength() {
    for rest in 0...4 {
      var text = TextRecord()
      text.begin("k")
      while text.count < TextRecord.capacity - rest {
        let count = text.count
        text.append(octet: 0x2E)
        if text.count == count { text.begin("k") }
      }
      text.begin("last")
      text.append("value")
      let length = Int(text.octets[8]) << 8 | Int(text.octets[9])
      #expect(length == text.count - RecordEncoder.headerSize)
      #expect(text.count <= TextRecord.capacity)
    }
  }

  @Test func theSharesOfBackendsAreTheirWeights() throws {
    let documents =
      TestPolicy.minimal.replacing(
        "backendRefs: [{namespace: proxy, name: one, port: 3128}]",
        with: "backendRefs: [{namespace: proxy, name: one, port: 3128, weight: 90}, "
          + "{namespace: proxy, name: two, port: 3128, weight: 10}]")
        + """

        ---
        {apiVersion: v1, kind: Service, metadata: {namespace: proxy, name: two}, spec: {clusterIP: 10.96.0.2, ports: [{port: 3128, targetPort: 13128}]}}
        """
    var responder = Responder(try TestPolicy.snapshot(documents), seed: 42)
    let query = WireQuery("one.steer.test", .a).octets
    var first: [String: Int] = [:]
    for _ in 0..<10_000 {
      var buffer = [UInt8](repeating: 0, count: Responder.udpBufferSize)
      var span = buffer.mutableSpan
      let size = responder.respond(to: query.span, from: IPAddress(v4: 0x0A08_0101), over: .udp, into: &span)
      let addresses = try #require(Response(Array(buffer.prefix(size)))).addresses.map(\.description)
      #expect(Set(addresses) == ["10.96.0.1", "10.96.0.2"])
      first[addresses[0], default: 0] += 1
    }
    // Nine in ten, within five standard deviations; the seed makes it the same every time.
    #expect((8850...9150).contains(first["10.96.0.1"] ?? 0))
  }

  @Test func aPodIndexFindsEveryAddressAndNoOther() throws {
    let snapshot = try TestPolicy.snapshot(TestPolicy.minimal)
    #expect(snapshot.pods.count == 2)
    #expect(snapshot.pods.entry(of: try #require(IPAddress("10.8.1.1"))) != nil)
    #expect(snapshot.pods.entry(of: try #require(IPAddress("10.8.1.2"))) == nil)
    #expect(PodIndex([]).entry(of: IPAddress(v4: 0)) == nil)
  }

  @Test func replacingThePodsChangesWhoIsKnownAndNothingElse() throws {
    let snapshot = try TestPolicy.snapshot(TestPolicy.minimal)
    let address = try #require(IPAddress("10.8.1.1"))
    let without = snapshot.replacing(pods: PodIndex([]), areSynchronized: true)
    let name = try DomainName("one.steer.test")
    #expect(snapshot.response(to: name, .a, from: address)?.rcode == .noError)
    #expect(without.response(to: name, .a, from: address)?.rcode == .nonexistentDomain)
    #expect(without.generation == snapshot.generation)
  }
}
