import Forwarders
import Testing

/// What is found in the blocks beside the one for the zone.
@Suite struct CorefileNeighboursTests {
  /// The block for the zone, with this key and these plugins.
  private func stub(_ key: String, _ plugins: String = "") -> String {
    """
    \(key) {
      \(plugins)
      rewrite continue edns0 local unset 0xffee
      rewrite edns0 local set 0xffee {client_ip} revert
      forward . 10.96.77.10 {
        health_check 1s no_rec domain intra.aibang.local
      }
    }

    """
  }

  private func report(_ text: String) throws -> CorefileChecker.Report {
    var zones = try RenderingFixture.zones(sources: "edns-client-ip:65518")
    zones[0].aliases = []
    return CorefileChecker(.init(zones: zones)).check(text, path: "f")
  }

  private func codes(_ text: String) throws -> [CorefileFindingCode] { try report(text).findings.map(\.code) }

  /// The block for all names: its key and plugins, and the zone's.
  struct Pair: Sendable {
    var others: (key: String, bind: String)
    var zone: (key: String, bind: String)

    init(_ key: String, _ bind: String, _ zoneKey: String, _ zoneBind: String) {
      others = (key, bind)
      zone = (zoneKey, zoneBind)
    }
  }

  private func codes(_ pair: Pair) throws -> [CorefileFindingCode] {
    try codes(
      "\(pair.others.key) {\n  \(pair.others.bind)\n  forward . /etc/resolv.conf\n}\n"
        + stub(pair.zone.key, pair.zone.bind))
  }

  @Test(arguments: [
    Pair(".:53", "bind 169.254.20.10 10.0.0.10", "intra.aibang.local:53", ""),
    Pair(".:53", "bind 169.254.20.10 10.0.0.10", "intra.aibang.local:53", "bind 169.254.20.10"),
    Pair("cluster.local:53", "bind eth0", "intra.aibang.local", ""),
    Pair(".", "bind {$ADDRESS}", "intra.aibang.local", ""),
    Pair(".", "", "intra.aibang.local", "bind 10.1.2.3"),
    Pair(".", "", "intra.aibang.local:5353", ""),
    Pair(".:5353", "", "intra.aibang.local", ""),
    Pair(".:53 tls://.:853", "", "tls://intra.aibang.local", ""),
  ])
  func zoneThatPodsDoNotReachIsFound(pair: Pair) throws {
    #expect(try codes(pair).contains(.stubNotReached))
  }

  @Test(arguments: [
    Pair(".:53", "bind 169.254.20.10 10.0.0.10", "intra.aibang.local:53", "bind 10.0.0.10\nbind 169.254.20.10"),
    Pair(".:53", "bind 127.0.0.1 10.0.0.10 ::1", "intra.aibang.local", "bind 10.0.0.10"),
    Pair(".:53", "bind fd00::0:1", "intra.aibang.local", "bind fd00::1"),
    Pair(".", "bind eth0", "intra.aibang.local", "bind 10.0.0.10"),
    Pair(".", "bind __PILLAR__LOCAL__DNS__", "intra.aibang.local", "bind 169.254.20.10"),
    Pair(".", "bind 10.0.0.10", "intra.aibang.local", "bind {$ADDRESS}"),
    Pair(".:{$PORT}", "", "intra.aibang.local:5353", ""),
    Pair(".:53 .:5353 tls://.", "", "intra.aibang.local", ""),
    Pair("other.example:5353", "", "intra.aibang.local", ""),
    Pair("tls://.", "", "intra.aibang.local", ""),
  ])
  func zoneThatPodsMayReachIsNot(pair: Pair) throws {
    #expect(try !codes(pair).contains(.stubNotReached))
  }

  @Test func whatPodsAskAtIsNamed() throws {
    let finding = try #require(
      try report(".:53 {\n  bind 10.0.0.10\n}\n" + stub("intra.aibang.local")).findings.first)
    #expect(finding.location.line == 4)
    #expect(finding.message.contains("10.0.0.10, port 53, as line 1 says"))
  }

  @Test func blockOfAnUnknownPortIsChecked() throws {
    let report = try report(stub("intra.aibang.local:{$PORT}", "cache 30"))
    #expect(report.findings.map(\.code) == [.placeholderUnread, .cached])
    #expect(report.stubs.count == 1)
    #expect(
      try codes("{$ZONE}:53 {\n}\n") == [.placeholderUnread, .stubMissing])
  }

  @Test func clientOfNoViewNeedsABlock() throws {
    let view = stub("intra.aibang.local", "view a {\n    expr type() == 'A'\n  }")
    let rest = "intra.aibang.local {\n  template ANY ANY {\n    rcode REFUSED\n  }\n}\n"
    #expect(try codes(view) == [.restMissing])
    #expect(try codes(view + rest) == [])
    #expect(CorefileChecker().check(view + rest, path: "f").findings.map(\.code) == [])
    #expect(try codes(view + stub("intra.aibang.local")) == [])
    #expect(try codes(view + rest.replacing("local {", with: "local:5353 {")).contains(.restMissing))
  }
}
