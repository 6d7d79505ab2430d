import DNSWire
import TestSupport
import Testing

/// What is written is read back as it was, whatever it is; the seed makes a failure repeatable.
@Suite struct CodecPropertyTests {
  private static let rounds = 500

  private var random = SeededGenerator(seed: 0xC0DEC)

  private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  private mutating func octets(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
  }

  /// Labels of any octets, that make a name of at most 255 octets: many short ones, or few long ones, or none.
  private mutating func labels() -> [[UInt8]] {
    let longest = number(0...1) == 0 ? 3 : 63
    var labels: [[UInt8]] = []
    var size = 1
    for _ in 0..<number(0...127) {
      let label = octets(number(1...longest))
      guard size + 1 + label.count <= DomainName.maximumLength else { break }
      size += 1 + label.count
      labels.append(label)
    }
    return labels
  }

  private func wire(_ labels: [[UInt8]]) -> [UInt8] { labels.flatMap { [UInt8($0.count)] + $0 } + [0] }

  private func lowercased(_ octets: [UInt8]) -> [UInt8] {
    octets.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
  }

  @Test mutating func aNameIsReadBackFromItsTextAndItsOctets() throws {
    for _ in 0..<Self.rounds {
      let labels = labels()
      let name = try DomainName(wire: wire(labels))
      #expect(name.labels.map(Array.init) == labels.map(lowercased))
      #expect(try DomainName(name.description) == name)
      #expect(try DomainName(name.relativeDescription) == name)
      #expect(try DomainName(wire: name.wire) == name)
    }
  }

  @Test mutating func aQuestionIsReadAsItWasWritten() throws {
    var query = Query()
    for _ in 0..<Self.rounds {
      let labels = labels()
      let type = RecordType(rawValue: UInt16.random(in: 0...65_535, using: &random))
      var written = WireQuery(id: UInt16.random(in: 0...65_535, using: &random), labels: labels, type)
      written.recordClass = UInt16.random(in: 0...65_535, using: &random)
      written.edns = nil
      let message = written.octets
      #expect(query.read(message.span) == .query)
      #expect(query.id == written.id && query.type == type && query.recordClass.rawValue == written.recordClass)
      #expect(query.name.domainName == (try DomainName(wire: wire(labels))))
      #expect(query.questionEnd == message.count && query.edns == nil)
    }
  }

  @Test mutating func aNameAsAQuestionIsReadBack() throws {
    var query = Query()
    for round in 0..<Self.rounds {
      let name = try DomainName(wire: wire(labels()))
      let message = Query.message(id: UInt16(round), name: name, type: .txt, edns: round.isMultiple(of: 2))
      #expect(query.read(message.span) == .query)
      #expect(query.id == UInt16(round) && query.name.domainName == name && query.type == .txt)
      #expect((query.edns != nil) == round.isMultiple(of: 2))
    }
  }

  @Test mutating func ednsIsReadAsItWasWritten() throws {
    var query = Query()
    for _ in 0..<Self.rounds {
      var edns = WireQuery.EDNS()
      edns.payloadSize = UInt16.random(in: 0...65_535, using: &random)
      edns.version = UInt8.random(in: 0...255, using: &random)
      edns.dnssecOK = number(0...1) == 1
      var codes: [UInt16] = []
      for _ in 0..<number(0...6) {
        let code: UInt16 = number(0...1) == 0 ? UInt16(number(0...16)) : UInt16(number(0...65_535))
        codes.append(code)
        edns.addOption(code, octets(number(0...40)))
      }
      var written = WireQuery(labels: labels(), .a)
      written.edns = edns
      let message = written.octets
      #expect(query.read(message.span) == .query)
      let found = query.edns
      let read = try #require(found)
      #expect(read.payloadSize == edns.payloadSize && read.version == edns.version)
      #expect(read.dnssecOK == edns.dnssecOK)
      #expect(Array(message[read.options]) == edns.options)
      #expect(read.wantsNSID == codes.contains(EDNSOptionCode.nsid))
      #expect(read.hasClientSubnet == codes.contains(EDNSOptionCode.clientSubnet))
      #expect(read.wantsKeepalive == codes.contains(EDNSOptionCode.keepalive))
    }
  }

  @Test mutating func aResponseWithEDNSIsReadByALibraryAsItWasWritten() throws {
    for _ in 0..<Self.rounds {
      var written = WireQuery(id: UInt16.random(in: 0...65_535, using: &random), labels: labels(), .txt)
      written.edns?.dnssecOK = number(0...1) == 1
      let message = written.octets
      var query = Query()
      _ = query.read(message.span)
      let asked = query.edns
      let data = octets(number(0...40))
      var buffer = [UInt8](repeating: 0xAA, count: 1232)
      var span = buffer.mutableSpan
      let reserved = ResponseWriter.reservation(for: query, options: 4 + data.count)
      var writer = ResponseWriter(echoing: query, of: message.span, limit: 1232, reserved: reserved, in: &span)
      writer.appendOPT(try #require(asked), rcode: .badVersion, in: &span)
      writer.appendOption(EDNSOptionCode.nsid, data.span, in: &span)
      let size = writer.finish(query, rcode: .badVersion, flags: .authoritative, in: &span)
      let response = Array(buffer.prefix(size))
      let read = try LDNSMessage(response)
      #expect(read.id == written.id && read.fullRcode == ResponseCode.badVersion.rawValue)
      #expect(read.flags == [.response, .authoritative])
      #expect(Array(response.dropFirst(Header.size).prefix(written.question.count)) == written.question)
      let edns = try #require(read.edns)
      #expect(edns.options == [0, 3, 0, UInt8(data.count)] + data && edns.version == 0)
      #expect(edns.dnssecOK == written.edns?.dnssecOK)
    }
  }

  @Test mutating func noiseIsNoNameOrAName() {
    for _ in 0..<Self.rounds {
      let noise = octets(number(0...300))
      if let name = try? DomainName(wire: noise) {
        #expect(name.wire == lowercased(noise))
      }
      var name = QuestionName()
      let start = number(0...20)
      if let end = name.read(from: noise.span, at: start) {
        #expect(name.domainName?.wire == lowercased(Array(noise[start..<end])))
      }
    }
  }
}
