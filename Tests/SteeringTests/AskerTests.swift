import DNSWire
import SteeringPolicy
import TestSupport
import Testing

@testable import Steering

@Suite struct AskerTests {
  private static func key(_ number: Int) -> AskerKey {
    AskerKey(PodIndex.Identity(namespace: "team-\(number)", serviceAccount: "default"))
  }

  @Test func whoAskedIsKnownForAnHourByRoute() {
    let table = AskerTable()
    let now: UInt64 = 1 << 24 - 100
    table.record(Self.key(1), listenerPort: 13128, at: now)
    func hasAsked(_ number: Int, _ port: UInt16, after seconds: UInt64) -> Bool {
      table.hasAsked(Self.key(number), listenerPort: port, within: 3600, at: now + seconds)
    }
    #expect(hasAsked(1, 13128, after: 0) && hasAsked(1, 13128, after: 3600))
    #expect(!hasAsked(1, 13128, after: 3601))
    #expect(!hasAsked(1, 13129, after: 0) && !hasAsked(2, 13128, after: 0))
    table.record(Self.key(1), listenerPort: 13128, at: now + 3000)
    #expect(hasAsked(1, 13128, after: 6000))
  }

  @Test func fiveThousandIdentitiesHaveRoomWithThreeRoutesEach() {
    let table = AskerTable()
    for number in 0..<5_000 {
      for port in 0..<UInt16(3) { table.record(Self.key(number), listenerPort: port, at: 1000) }
    }
    let known = (0..<5_000).count { number in
      (0..<UInt16(3)).allSatisfy { table.hasAsked(Self.key(number), listenerPort: $0, within: 3600, at: 1000) }
    }
    // Where five stand in a row for four places one goes; at this load few do.
    #expect(known > 4_500)
    #expect((5_000..<10_000).allSatisfy { !table.hasAsked(Self.key($0), listenerPort: 0, within: 3600, at: 1000) })
  }

  @Test func theOldestGivesWay() {
    let table = AskerTable()
    // More than there is room for.
    for number in 2..<60_000 { table.record(Self.key(number), listenerPort: 1, at: 90_000) }
    table.record(Self.key(1), listenerPort: 1, at: 100_000)
    for number in 60_000..<63_000 { table.record(Self.key(number), listenerPort: 1, at: 100_001) }
    #expect(table.hasAsked(Self.key(1), listenerPort: 1, within: 3600, at: 100_000))
  }

  private static let documents =
    TestPolicy.minimal + """

      ---
      apiVersion: egress.aibang.com/v1alpha1
      kind: EgressPolicy
      metadata: {name: team-b}
      spec:
        priority: 20
        subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: team-b}}}
        egress:
        - {name: one, action: Allow, routeRefs: [{name: one}], \
      backendRefs: [{namespace: proxy, name: other, port: 3128}]}
      ---
      apiVersion: egress.aibang.com/v1alpha1
      kind: EgressPolicy
      metadata: {name: block}
      spec:
        priority: 30
        subject: {ipBlocks: [{cidr: 192.0.2.0/24}]}
        egress: [{action: Allow, routeRefs: [{name: one}]}]
      ---
      {apiVersion: v1, kind: Service, metadata: {namespace: proxy, name: other}, \
      spec: {clusterIP: 10.96.0.2, ports: [{port: 3128, targetPort: 13128}]}}
      """

  @Test func onlyWhoWasAnsweredWithTheServicesAddressesIsNamed() throws {
    let before = try TestPolicy.snapshot(Self.documents)
    let after = try TestPolicy.snapshot(
      Self.documents.replacing("clusterIP: 10.96.0.1", with: "clusterIP: 10.96.0.9"))
    let table = AskerTable()
    var responder = Responder(before, seed: 1)
    responder.askers = table
    let query = WireQuery("one.steer.test", .a).octets
    var buffer = [UInt8](repeating: 0, count: Responder.udpBufferSize)
    func ask(_ address: String) throws {
      var span = buffer.mutableSpan
      _ = responder.respond(to: query.span, from: try #require(IPAddress(address)), over: .udp, into: &span)
    }
    let one = NamespacedName(namespace: "proxy", name: "one")
    let other = NamespacedName(namespace: "proxy", name: "other")
    let askers = Askers([AskerTable(), table])
    #expect(askers.names(of: one, route: "one", in: after, or: before).isEmpty)
    try ask("10.8.2.1")
    #expect(askers.names(of: one, route: "one", in: after, or: before).isEmpty)
    #expect(askers.names(of: other, route: "one", in: after, or: before) == ["team-b/default"])
    try ask("10.8.1.1")
    try ask("192.0.2.4")
    try ask("203.0.113.1")
    #expect(askers.names(of: one, route: "one", in: after, or: before) == ["address blocks", "team-a/default"])
    let later = AskerTable.seconds() + 3700
    #expect(askers.names(of: one, route: "one", in: after, or: before, at: later).isEmpty)
  }

  @Test func theAddressesOfARoutesServicesAreThoseOfItsRulesToo() throws {
    let addresses = try TestPolicy.snapshot(Self.documents).backendAddresses["one"]
    #expect(
      addresses == [
        NamespacedName(namespace: "proxy", name: "one"): [IPAddress(v4: 0x0A60_0001)],
        NamespacedName(namespace: "proxy", name: "other"): [IPAddress(v4: 0x0A60_0002)],
      ])
  }
}
