import DNSWire
import Steering
import SteeringPolicy
import TestSupport
import Testing
import ZoneFiles

/// How a server answers besides what its policy says.
@Suite struct AnswerSettingsTests {
  /// The answer to a message from a pod of team-a.
  private func answer(
    _ message: [UInt8], settings: AnswerSettings = AnswerSettings(), over transport: Transport = .udp,
    from snapshot: Snapshot? = nil
  ) throws -> LDNSMessage {
    var responder = Responder(try snapshot ?? TestPolicy.snapshot(TestPolicy.minimal), settings: settings)
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
    #expect(try answer(query.octets, over: .udp).fullRcode == 0, "over UDP the option means nothing")
  }

  @Test func minimalResponsesLeaveOutWhatAClientCanDoWithout() throws {
    let policy = try TestPolicy.policy(TestPolicy.minimal)
    let zone = """
      @ 60 IN SOA ns1 hostmaster 1 3600 600 86400 60
      @ 60 IN NS ns1
      @ 60 IN MX 10 mail
      ns1 60 IN A 192.0.2.53
      mail 60 IN A 192.0.2.1
      sub 60 IN NS ns.sub
      ns.sub 60 IN A 192.0.2.2
      """
    let apex = try DomainName("steer.test")
    let records = MasterFile.load(path: "z", origin: apex) { _ in Array(zone.utf8) }.records.map {
      StaticRecord($0.record, at: SourceLocation(file: $0.file, line: $0.line, column: 1))
    }
    let snapshot = try #require(
      SnapshotCompiler.compile(.init(policy: policy, records: ["steer-test": records], serial: 7)).snapshot)
    func ask(_ name: String, _ type: RecordType, _ minimal: AnswerSettings.MinimalResponses) throws -> LDNSMessage {
      try answer(
        WireQuery(name, type).octets, settings: AnswerSettings(minimalResponses: minimal), from: snapshot)
    }
    let server = "steer.test. 60 IN NS ns1.steer.test."
    let (glue, mail) = ("ns1.steer.test. 60 IN A 192.0.2.53", "mail.steer.test. 60 IN A 192.0.2.1")
    for (minimal, authority, additional): (AnswerSettings.MinimalResponses, [String], [String]) in [
      (.yes, [], []), (.noAuth, [], [mail]), (.no, [server], [mail, glue]),
    ] {
      let mail = try ask("steer.test", .mx, minimal)
      #expect(mail.authority == authority && mail.additional == additional, "\(minimal)")
      // What a referral and a denial need is never left out.
      let referral = try ask("x.sub.steer.test", .a, minimal)
      #expect(referral.authority.count == 1 && referral.additional == ["ns.sub.steer.test. 60 IN A 192.0.2.2"])
      #expect(try ask("none.steer.test", .a, minimal).authority.count == 1)
    }
    #expect(try ask("one.steer.test", .a, .no).authority == [server])
    #expect(try ask("steer.test", .ns, .no).authority == [])
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
    // Without a question it is none.
    #expect(try answer([0, 1, 0x24, 0, 0, 0, 0, 0, 0, 0, 0, 0]).fullRcode == 1)
  }

  @Test func anAnswerForEveryClassIsNotAuthoritative() throws {
    var query = WireQuery("one.steer.test", .a)
    query.recordClass = 255
    let said = try answer(query.octets)
    #expect(said.answer.count == 1 && said.flags == [.response])
  }

  @Test func anUpdateIsNotImplemented() throws {
    var query = WireQuery("steer.test", .soa)
    query.flags = 0x2800
    #expect(try answer(query.octets).fullRcode == 4)
  }
}
