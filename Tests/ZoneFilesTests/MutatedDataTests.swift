import DNSWire
import Foundation
import TestSupport
import Testing
import ZoneFiles

/// Data in the form for unknown types (RFC 3597 §5), changed here and there from that of each type.
@Suite struct MutatedDataTests {
  @Test(arguments: EveryTypeTests.samples.sorted { $0.key < $1.key })
  func whatIsAcceptedIsDataOfItsType(type: String, text: String) throws {
    let base = try #require(load("x \(type) \(text)").records.dropFirst(3).last).record.rdata
    let number = try #require(LDNSTypes.numbers[type])
    var random = SplitMix(state: UInt64(number))
    for _ in 0..<200 {
      var data = base
      for _ in 0..<Int.random(in: 1...3, using: &random) where !data.isEmpty {
        let index = Int.random(in: 0..<data.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: data[index] = UInt8.random(in: 0...255, using: &random)
        case 1: data.remove(at: index)
        case 2: data.removeLast(Int.random(in: 0...data.count, using: &random))
        default: data.insert(UInt8.random(in: 0...255, using: &random), at: index)
        }
      }
      let hex = data.map { String(format: "%02x", $0) }.joined()
      let zone = try load("x \(type) \\# \(data.count) \(hex)")
      guard !zone.faults.contains(where: { $0.code == .syntax }) else { continue }
      let rdata = try #require(zone.records.dropFirst(3).last).record.rdata
      // Letters of names may have become small, and no more.
      #expect(
        String(decoding: rdata, as: UTF8.self).lowercased() == String(decoding: data, as: UTF8.self).lowercased())
      // libldns prints nothing, or what it marks as mangled, where data is not that of its type. It takes NSAP-PTR
      // for a string.
      guard type != "NSAP-PTR" else { continue }
      let line = try LDNSMessage.answering(with: rdata, of: number).answer.first ?? ""
      #expect(line.hasPrefix(". 60 IN \(type) ") && !line.contains("(null)"), "\(hex): \(line)")
    }
  }
}
