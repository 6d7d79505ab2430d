import TestSupport
import Testing

@Suite struct LDNSMessageTests {
  /// A response to `www.example. A` with an answer, its SOA and an OPT record with one option.
  private static let response: [UInt8] = {
    var wire: [UInt8] = [0x12, 0x34, 0x85, 0x83, 0, 1, 0, 1, 0, 1, 0, 2]
    wire += [3] + Array("www".utf8) + [7] + Array("example".utf8) + [0, 0, 1, 0, 1]
    wire += [0xC0, 0x0C, 0, 1, 0, 1, 0, 0, 0, 10, 0, 4, 10, 0, 0, 1]
    wire += [0xC0, 0x10, 0, 2, 0, 1, 0, 0, 0, 60, 0, 5, 2] + Array("ns".utf8) + [0xC0, 0x10]
    wire += [0xC0, 0x0C, 0, 16, 0, 1, 0, 0, 0, 10, 0, 5, 4] + Array("a  b".utf8)
    wire += [0, 0, 41, 0x04, 0xD0, 1, 0, 0x80, 0, 0, 6, 0, 15, 0, 2, 0, 15]
    return wire
  }()

  @Test func readsEveryPartOfAResponse() throws {
    let message = try LDNSMessage(Self.response)
    #expect(message.id == 0x1234)
    #expect(message.rcode == 3)
    #expect(message.flags == [.response, .authoritative, .recursionDesired, .recursionAvailable])
    #expect(message.questionName == "www.example.")
    #expect(message.questionType == "A")
    #expect(message.answer == ["www.example. 10 IN A 10.0.0.1"])
    #expect(message.authority == ["example. 60 IN NS ns.example."])
    #expect(message.additional == ["www.example. 10 IN TXT \"a  b\""])
    let edns = try #require(message.edns)
    #expect(edns.udpSize == 1232)
    #expect(edns.extendedRcode == 1)
    #expect(message.fullRcode == 19)
    #expect(edns.dnssecOK)
    #expect(edns.options == [0, 15, 0, 2, 0, 15])
  }

  @Test func aMessageWithoutOPTHasNoEDNS() throws {
    let message = try LDNSMessage([0, 1, 0x80, 5, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(message.edns == nil)
    #expect(message.questionName == nil)
    #expect(message.rcode == 5)
    #expect(message.flags == [.response])
  }

  @Test func refusesEveryMessageCutShort() {
    for length in 0..<Self.response.count {
      #expect(throws: LDNSMessageError.self) { try LDNSMessage(Array(Self.response.prefix(length))) }
    }
  }

  @Test func refusesOctetsAfterTheLastRecord() {
    #expect(throws: LDNSMessageError(description: "1 octets are left over")) {
      try LDNSMessage(Self.response + [0])
    }
  }

  @Test func refusesASecondOPTRecord() {
    var message = Self.response
    message[11] = 3
    #expect(throws: LDNSMessageError(description: "there are several OPT records")) {
      try LDNSMessage(message + [0, 0, 41, 0x04, 0xD0, 0, 0, 0, 0, 0, 0])
    }
  }
}
