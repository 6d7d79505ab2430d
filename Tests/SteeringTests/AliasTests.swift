import DNSWire
import Steering
import SteeringPolicy
import TestSupport
import Testing

/// Zones under another apex.
@Suite struct AliasTests {
  @Test(arguments: [("short.example", 0), (String(repeating: "a", count: 60) + ".example", 1)])
  func aNameThatFitsNoMessageUnderAnAliasIsRefused(alias: String, faults: Int) throws {
    let zone = TestPolicy.minimal.replacing("{zone: steer.test}", with: "{zone: steer.test, aliases: [\(alias)]}")
    let label = String(repeating: "x", count: 62)
    let owner = try DomainName("\(label).\(label).\(label).steer.test")
    let place = SourceLocation(file: "z", line: 9, column: 1)
    let soa = try ResourceRecord(
      owner: DomainName("steer.test"), type: .soa, ttl: 60,
      rdata: DomainName("ns1.steer.test").wire + [0] + [UInt8](repeating: 0, count: 20))
    let records = [soa, ResourceRecord(owner: owner, type: .a, ttl: 60, rdata: [192, 0, 2, 1])].map {
      StaticRecord($0, at: place)
    }
    let compiled = SnapshotCompiler.compile(
      .init(policy: try TestPolicy.policy(zone), records: ["steer-test": records], serial: 7))
    #expect((compiled.snapshot == nil) == (faults > 0))
    #expect(
      compiled.diagnostics.map(\.code).filter { $0 != .zoneNameservers }
        == Array(repeating: .invalidDNSName, count: faults))
  }
}
