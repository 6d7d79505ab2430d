import Control
import DNSWire
import Foundation
import Steering
import SteeringPolicy
import TestSupport
import Testing

/// What is handed out of a zone, in process.
@Suite struct TransferTests {
  /// team-a sees one, not two; a wildcard covers what lies below `wild` and the apex's sibling names do not.
  static let policy =
    TestPolicy.minimal.replacing(
      "{zone: steer.test}",
      with: """
        {zone: steer.test, aliases: [steer.internal], zoneFile: steer.test.zone, reverseBlocks: [10.96.0.0/16], transfers: [
          {cidrs: [10.0.0.1/32], view: {namespace: team-a}}, {cidrs: [10.0.0.2/32], view: {namespace: team-b}},
          {cidrs: [10.0.0.0/24]}]}
        """
    ) + """

      ---
      apiVersion: egress.aibang.com/v1alpha1
      kind: EgressRoute
      metadata: {name: two}
      spec:
        hostnames: [two.steer.test, two.wild.steer.test, deep.below.wild.steer.test]
        backendRefs: [{namespace: proxy, name: two, port: 3128}]
        listenerPort: 13129
        domainNames: [www.example.com]
        ttl: 30s
      ---
      apiVersion: egress.aibang.com/v1alpha1
      kind: EgressPolicy
      metadata: {name: team-b}
      spec:
        subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: team-b}}}
        egress: [{name: two, action: Allow, routeRefs: [{name: two}]}]
      ---
      {apiVersion: v1, kind: Service, metadata: {namespace: proxy, name: two}, spec: {clusterIPs: [10.96.0.2, "fd00::2"], ports: [{port: 3128, targetPort: 13129}]}}
      """

  static let zone = """
    $TTL 300
    @ IN SOA ns1 hostmaster 1 3600 600 86400 60
      IN NS ns1
    ns1 IN A 10.96.77.10
    *.wild IN A 192.0.2.1
    sub IN NS ns.sub
    ns.sub IN A 192.0.2.53
    hidden.sub IN TXT "occluded"
    """

  /// What every view has, but for the SOA.
  private static let common = [
    "steer.test. 300 IN NS ns1.steer.test.", "ns1.steer.test. 300 IN A 10.96.77.10",
    "*.wild.steer.test. 300 IN A 192.0.2.1", "sub.steer.test. 300 IN NS ns.sub.steer.test.",
    "ns.sub.steer.test. 300 IN A 192.0.2.53", "hidden.sub.steer.test. 300 IN TXT \"occluded\"",
  ]

  static func snapshot(_ serial: UInt32 = 7, policy: String = policy, zone: String = zone) throws -> Snapshot {
    try TemporaryFolder.with { folder in
      try Data(policy.utf8).write(to: folder.appendingPathComponent("policy.yaml"))
      try Data(zone.utf8).write(to: folder.appendingPathComponent("steer.test.zone"))
      let loaded = SnapshotLoader.load([folder.path], serial: serial)
      return try #require(loaded.snapshot, "\(loaded.diagnostics)")
    }
  }

  /// All messages of the answer to a query from an address.
  private static func messages(
    _ responder: inout Responder, _ query: [UInt8], from source: String = "10.0.0.1",
    over transport: Transport = .tcp
  ) throws -> [[UInt8]] {
    var buffer = [UInt8](repeating: 0xAA, count: Responder.tcpBufferSize)
    var span = buffer.mutableSpan
    let size = responder.respond(
      to: query.span, from: try #require(IPAddress(source)), over: transport, into: &span)
    var messages = [Array(buffer.prefix(size))]
    while let transfer = responder.transfer, !transfer.isFinished {
      var span = buffer.mutableSpan
      let size = transfer.next(into: &span)
      guard size > 0 else { break }
      messages.append(Array(buffer.prefix(size)))
    }
    return messages
  }

  private static func records(_ name: String, from source: String) throws -> [String] {
    var responder = Responder(try snapshot())
    return try messages(&responder, WireQuery(name, .axfr).octets, from: source).flatMap {
      try LDNSMessage($0).answer
    }
  }

  /// An IXFR of a client that has a serial.
  private static func incremental(_ serial: UInt32, edns: Bool = true) -> [UInt8] {
    var query = WireQuery("steer.test", .ixfr)
    query.edns = nil
    var octets = query.octets
    octets[9] = 1
    let number = (0..<4).map { UInt8(truncatingIfNeeded: serial >> UInt32(24 - 8 * $0)) }
    octets +=
      [0xC0, 12, 0, 6, 0, 1, 0, 0, 0, 0, 0, 24, 0xC0, 12, 0xC0, 12] + number + [UInt8](repeating: 0, count: 16)
    return octets
  }

  @Test func aZoneStartsAndEndsWithItsSOA() throws {
    let records = try Self.records("steer.test", from: "10.0.0.1")
    var responder = Responder(try Self.snapshot())
    let asked = try Self.messages(&responder, WireQuery("steer.test", .soa).octets)
    let soa = try LDNSMessage(asked[0]).answer
    #expect(soa.count == 1 && records.first == soa[0] && records.last == soa[0])
    #expect(records.filter { $0.contains(" SOA ") }.count == 2)
  }

  @Test(arguments: [
    (
      "10.0.0.1",
      [
        "one.steer.test. 10 IN A 10.96.0.1", "two.wild.steer.test. 30 IN TXT \"no answer in this view\"",
        "deep.below.wild.steer.test. 30 IN TXT \"no answer in this view\"",
      ]
    ),
    (
      "10.0.0.2",
      ["two", "two.wild", "deep.below.wild"].flatMap {
        ["\($0).steer.test. 30 IN A 10.96.0.2", "\($0).steer.test. 30 IN AAAA fd00::2"]
      }
    ),
    (
      "10.0.0.3",
      ["two.wild", "deep.below.wild"].map { "\($0).steer.test. 30 IN TXT \"no answer in this view\"" }
    ),
  ])
  func eachViewHasWhatItSeesAndNothingElse(source: String, own: [String]) throws {
    let records = try Self.records("steer.test", from: source).filter {
      !$0.contains(" SOA ") && !$0.hasPrefix("_generation")
    }
    #expect(records.sorted() == (Self.common + own).sorted())
  }

  @Test func theGenerationIsInAndTheCanariesAreNot() throws {
    let records = try Self.records("steer.test", from: "10.0.0.1")
    #expect(records.count { $0.hasPrefix("_generation.steer.test. 0 IN TXT \"serial=7\"") } == 1)
    #expect(!records.contains { $0.contains("_canary") })
  }

  @Test func anAliasHasTheSameNamesBelowIt() throws {
    let owners = try Self.records("steer.internal", from: "10.0.0.2").map { $0.split(separator: " ")[0] }
    let apex = try Self.records("steer.test", from: "10.0.0.2").map { $0.split(separator: " ")[0] }
    #expect(owners.map { String($0).replacing(".internal.", with: ".test.") } == apex.map(String.init))
  }

  @Test func aReverseZoneHasThePointersOfTheView() throws {
    let name = "96.10.in-addr.arpa"
    func pointers(_ source: String) throws -> [String] {
      try Self.records(name, from: source).filter { $0.contains(" PTR ") }
    }
    #expect(try pointers("10.0.0.1") == ["1.0.\(name). 10 IN PTR one.steer.test."])
    #expect(try pointers("10.0.0.2").count == 3)
    #expect(try pointers("10.0.0.3").isEmpty)
  }

  @Test func whoIsNamedByNoRuleHasNothing() throws {
    for (name, rcode, error) in [("steer.test", 5, 18), ("one.steer.test", 9, 20), ("example.org", 9, 20)] {
      let counters = Counters()
      var responder = Responder(try Self.snapshot(), counters: counters)
      let messages = try Self.messages(&responder, WireQuery(name, .axfr).octets, from: "10.0.1.1")
      let message = try LDNSMessage(messages[0])
      #expect(messages.count == 1 && message.rcode == UInt8(rcode) && message.answer.isEmpty)
      #expect(message.edns?.options.starts(with: [0, 15]) == true)
      #expect(message.edns.map { $0.options[5] } == UInt8(error))
      #expect(counters[.transferRefused] == (rcode == 5 ? 1 : 0))
      let event = responder.takeTransferEvent(from: IPAddress(v4: 0x0A00_0101))
      #expect((event?.outcome == .refused) == (rcode == 5))
      #expect(try event.map { $0.zone } == (rcode == 5 ? DomainName(name) : nil))
    }
  }

  @Test func anAddressThatAProxyNamesHasNothing() throws {
    let query = WireQuery("steer.test", .axfr).octets
    for relayed in [RelayedClient.address(IPAddress(v4: 0x0A00_0001)), .proxyItself, .unreadable] {
      var responder = Responder(try Self.snapshot())
      var buffer = [UInt8](repeating: 0, count: Responder.tcpBufferSize)
      var span = buffer.mutableSpan
      let size = responder.respond(
        to: query.span, from: IPAddress(v4: 0x0A00_0001), relaying: relayed, over: .tcp, into: &span)
      #expect(try LDNSMessage(Array(buffer.prefix(size))).rcode == 5)
    }
  }

  @Test(arguments: [(UInt32(6), false), (7, true), (8, true), (0x8000_0006, true), (0x8000_0008, false)])
  func anIXFRIsTheWholeZoneUnlessTheClientHasIt(known: UInt32, hasIt: Bool) throws {
    var responder = Responder(try Self.snapshot())
    let messages = try Self.messages(&responder, Self.incremental(known))
    let answer = try messages.flatMap { try LDNSMessage($0).answer }
    #expect(answer[0].contains(" SOA "))
    #expect((answer.count == 1) == hasIt)
    if !hasIt { #expect(answer == (try Self.records("steer.test", from: "10.0.0.1"))) }
    let datagram = try Self.messages(&responder, Self.incremental(known), over: .udp)
    #expect(try datagram.map { try LDNSMessage($0).answer } == [[answer[0]]])
  }

  @Test func anIXFRThatIsMalformedIsAFormatError() throws {
    let whole = Self.incremental(6)
    var responder = Responder(try Self.snapshot())
    for size in whole.indices where size > 12 {
      let answer = try Self.messages(&responder, Array(whole.prefix(size)))
      #expect(try LDNSMessage(answer[0]).rcode == 1)
    }
    var other = whole
    // The authority record is an A.
    other[whole.count - 34] = 1
    #expect(try LDNSMessage(Self.messages(&responder, other)[0]).rcode == 1)
  }

  @Test func aChangeOnTheWayDoesNotMixGenerations() throws {
    let many = (0..<2000).map { "\nhost\($0) IN TXT \"seven\"" }.joined()
    let first = try Self.snapshot(7, zone: Self.zone + many)
    let second = try Self.snapshot(8, zone: Self.zone + many.replacing("seven", with: "eight"))
    var responder = Responder(first)
    var buffer = [UInt8](repeating: 0, count: Responder.tcpBufferSize)
    var span = buffer.mutableSpan
    let query = WireQuery("steer.test", .axfr).octets
    let size = responder.respond(to: query.span, from: IPAddress(v4: 0x0A00_0001), over: .tcp, into: &span)
    var messages = [Array(buffer.prefix(size))]
    let started = responder.transfer
    let transfer = try #require(started)
    responder.snapshot = second
    while !transfer.isFinished {
      var span = buffer.mutableSpan
      let size = transfer.next(into: &span)
      try #require(size > 0)
      messages.append(Array(buffer.prefix(size)))
    }
    #expect(messages.count > 2)
    let records = try messages.flatMap { try LDNSMessage($0).answer }
    #expect(records.count { $0.contains("\"seven\"") } == 2000)
    #expect(!records.contains { $0.contains("\"eight\"") })
    #expect(records.last?.contains(" 7 3600 ") == true)
    for message in messages { #expect(message.count < 17_000) }
    #expect(
      transfer.outcome.outcome == .finished(records: records.count, octets: messages.reduce(0) { $0 + $1.count }))
  }

  @Test func noMoreTransfersAreStartedThanMayBe() throws {
    var responder = Responder(try Self.snapshot())
    responder.mayTransfer = false
    let message = try LDNSMessage(Self.messages(&responder, WireQuery("steer.test", .axfr).octets)[0])
    #expect(message.rcode == 2 && message.answer.isEmpty)
    let event = responder.takeTransferEvent(from: IPAddress(v4: 0x0A00_0001))
    #expect(responder.transfer == nil && event?.outcome == .postponed)
    // That the client has it already costs no transfer.
    #expect(try LDNSMessage(Self.messages(&responder, Self.incremental(7))[0]).rcode == 0)
  }

  @Test func aSignedTransferIsSignedAndKeepsTheCaseOfItsQuestion() throws {
    var responder = try SignatureTests.responder(.hmacSHA256)
    let query = try SignatureTests.octets(
      "43210000000100000000000105537465657204546573740000fc0001036b6579097365636f6e646172790000fa00ff00000000003d0b686d"
        + "61632d7368613235360000006b05e705012c00201e67ec075bc5a5dd7419fb4e251a6e6e6847b6a2a0e0509a175fe1acbebc8e8543210000"
        + "0000")
    let messages = try Self.messages(&responder, query, from: "10.9.9.9")
    #expect(messages.count == 1)
    #expect(messages[0][12...].starts(with: [5] + Array("Steer".utf8)))
    let signature = SignatureTests.signature(of: messages[0])
    #expect(signature?.mac.count == 32 && signature?.error == 0 && signature?.originalID == 0x4321)
  }

  @Test func theDigestIsOfTheRulesToo() throws {
    let digest = try Self.snapshot().generation.digest
    for (old, new) in [
      ("10.0.0.1/32", "10.0.0.9/32"), ("view: {namespace: team-a}", "view: {namespace: team-b}"),
      ("{cidrs: [10.0.0.0/24]}", "{cidrs: [10.0.0.0/24], notify: [\"10.0.0.7:53\"]}"),
      ("{cidrs: [10.0.0.0/24]}", "{key: a, cidrs: [10.0.0.0/24]}"),
    ] {
      let changed = Self.policy.replacing(old, with: new)
      #expect(changed != Self.policy)
      #expect(try Self.snapshot(policy: changed).generation.digest != digest)
    }
  }
}
