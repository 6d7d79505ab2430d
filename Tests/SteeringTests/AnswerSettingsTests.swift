import DNSWire
import Steering
import TestSupport
import Testing

/// How a server answers besides what its policy says.
@Suite struct AnswerSettingsTests {
  /// The answer to a message from a pod of team-a.
  private func answer(
    _ message: [UInt8], settings: AnswerSettings = AnswerSettings(), over transport: Transport = .udp,
    records: String = ""
  ) throws -> LDNSMessage {
    let snapshot = try TestPolicy.snapshot(TestPolicy.minimal)
    var responder = Responder(snapshot, settings: settings)
    var buffer = [UInt8](repeating: 0, count: Responder.tcpBufferSize)
    var span = buffer.mutableSpan
    let size = responder.respond(to: message.span, from: IPAddress(v4: 0x0A08_0101), over: transport, into: &span)
    return try LDNSMessage(Array(buffer.prefix(size)))
  }

  private func chaos(_ name: String, _ type: RecordType = .txt) -> [UInt8] {
    var query = WireQuery(name, type)
    query.recordClass = 3
    return query.octets
  }

  @Test(arguments: ["version.bind", "version.server", "id.server", "hostname.bind", "VERSION.BIND"])
  func theServersOwnNamesAreRefusedUnlessTheSettingsSayOtherwise(name: String) throws {
    #expect(try answer(chaos(name)).fullRcode == 5)
    let settings = AnswerSettings(version: "steer 1", identifier: "ns1")
    let said = try answer(chaos(name), settings: settings)
    let text = name.lowercased().hasPrefix("version") ? "steer 1" : "ns1"
    #expect(said.answer == ["\(name) 0 CH TXT \"\(text)\"".replacing(name, with: name + ".")])
    #expect(said.flags == [.response, .authoritative])
    #expect(try answer(chaos(name, .a), settings: settings).fullRcode == 5)
  }

  @Test func otherNamesOfClassCHAreRefused() throws {
    let settings = AnswerSettings(version: "steer 1", identifier: "ns1")
    for name in ["authors.bind", "bind", "x.version.bind", "one.steer.test"] {
      #expect(try answer(chaos(name), settings: settings).fullRcode == 5, "\(name)")
    }
  }

  @Test func keepaliveIsToldOverTCPToWhoAsks() throws {
    var query = WireQuery("one.steer.test", .a)
    query.edns?.addOption(11, [])
    let settings = AnswerSettings(keepalive: 450)
    #expect(try answer(query.octets, settings: settings, over: .tcp).edns?.options == [0, 11, 0, 2, 0x01, 0xC2])
    #expect(try answer(query.octets, settings: settings, over: .udp).edns?.options == [])
    #expect(try answer(WireQuery("one.steer.test", .a).octets, over: .tcp).edns?.options == [])
  }

  @Test func keepaliveWithATimeIsAFormatErrorInAQuery() throws {
    var query = WireQuery("one.steer.test", .a)
    query.edns?.addOption(11, [0, 100])
    #expect(try answer(query.octets, over: .tcp).fullRcode == 1)
  }

  @Test func aNotificationIsRefusedAndItsQuestionEchoed() throws {
    var query = WireQuery("steer.test", .soa)
    query.flags = 0x2400
    let said = try answer(query.octets)
    #expect(said.fullRcode == 5 && said.questionName == "steer.test." && said.questionType == "SOA")
    // As a primary sends it: its SOA in the answer section.
    var octets = WireQuery("steer.test", .soa).octets
    octets.removeLast(11)
    octets.replaceSubrange(2..<12, with: [0x24, 0, 0, 1, 0, 1, 0, 0, 0, 0])
    octets += [0xC0, 12, 0, 6, 0, 1, 0, 0, 0, 0, 0, 22, 0, 0] + [UInt8](repeating: 1, count: 20)
    #expect(try answer(octets).fullRcode == 5)
  }

  @Test func anUpdateIsNotImplemented() throws {
    var query = WireQuery("steer.test", .soa)
    query.flags = 0x2800
    #expect(try answer(query.octets).fullRcode == 4)
  }
}
