import DNSWire
import Foundation
import Steering
import SteeringPolicy
import TestSupport
import Testing

@Suite struct GenerationTests {
  @Test func theDigestFollowsTheMeaningNotTheText() throws {
    let documents = TestPolicy.minimal.components(separatedBy: "---\n")
    let reordered = documents.reversed().joined(separator: "\n---\n")
    let commented = "# another comment\n" + TestPolicy.minimal
    let digest = try TestPolicy.snapshot(TestPolicy.minimal).generation.digest
    #expect(digest.count == 64)
    #expect(try TestPolicy.snapshot(reordered).generation.digest == digest)
    #expect(try TestPolicy.snapshot(commented, serial: 99).generation.digest == digest)
  }

  @Test(arguments: [
    ("10.96.0.1", "10.96.0.9"), ("priority: 10", "priority: 11"), ("8443", "9443"),
    ("login.example.com", "x.example.com"),
    ("listenerPort: 13128", "listenerPort: 13129"), ("action: Allow", "action: Deny"),
    ("metadata.name: team-a", "metadata.name: team-b"),
    ("ports: [443, 8443]", "ports: [443, 8443]\n  methods: [CONNECT, GET]"),
    ("ports: [443, 8443]", "ports: [443, 8443]\n  parentProxies: [{host: p.test, port: 3128}]"),
    ("ports: [443, 8443]", "ports: [443, 8443]\n  parentSelection: RoundRobin"),
    ("ports: [443, 8443]", "ports: [443, 8443]\n  healthCheck: {interval: 6s}"),
    ("ports: [443, 8443]", "ports: [443, 8443]\n  healthCheck: {timeout: 1s}"),
    ("ports: [443, 8443]", "ports: [443, 8443]\n  healthCheck: {connect: {host: login.example.com}}"),
    ("ports: [443, 8443]", "ports: [443, 8443]\n  onRevocation: Close"),
    ("{zone: steer.test}", "{zone: steer.test, ttl: 11s}"),
    ("{zone: steer.test}", "{zone: steer.test, denyAnswer: REFUSED}"),
  ])
  func theDigestChangesWithWhatIsServed(old: String, new: String) throws {
    var documents = TestPolicy.minimal.replacing(old, with: new)
    if old.contains("13128") { documents = documents.replacing("targetPort: 13128", with: "targetPort: 13129") }
    let digest = try TestPolicy.snapshot(TestPolicy.minimal).generation.digest
    #expect(try TestPolicy.snapshot(documents).generation.digest != digest)
  }

  @Test func podsAreNotPartOfTheDigest() throws {
    let other = TestPolicy.minimal.replacing("10.8.1.1", with: "10.8.1.77")
    let (first, second) = (try TestPolicy.snapshot(TestPolicy.minimal), try TestPolicy.snapshot(other))
    #expect(first.generation == second.generation)
    #expect(first.pods.count == second.pods.count)
  }

  @Test func aNamespaceThatNoPolicySelectsIsKnownInTheSameGeneration() throws {
    let namespace = "\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: team-new}\n"
    let (before, after) = (
      try TestPolicy.snapshot(TestPolicy.minimal), try TestPolicy.snapshot(TestPolicy.minimal + namespace)
    )
    #expect(before.generation == after.generation)
    let view = ListenerView(namespace: "team-new")
    #expect(before.obstacle(to: view)?.contains("not known") == true)
    let replaced = before.replacing(originsOf: after)
    #expect(replaced.generation == before.generation && replaced.obstacle(to: view)?.contains("not known") == false)
  }

  @Test func aMasterFileThatIsAheadSetsTheSerial() throws {
    let policy = try TestPolicy.policy(TestPolicy.minimal)
    let apex = try DomainName("steer.test")
    let numbers: [UInt32] = [4_000_000_000, 1, 1, 1, 1]
    let rdata =
      apex.wire + apex.wire + numbers.flatMap { n in (0..<4).map { UInt8(truncatingIfNeeded: n >> (24 - 8 * $0)) } }
    let place = SourceLocation(file: "zone", line: 1, column: 1)
    let soa = StaticRecord(ResourceRecord(owner: apex, type: .soa, ttl: 1, rdata: rdata), at: place)
    func serial(_ now: UInt32) -> UInt32? {
      SnapshotCompiler.compile(.init(policy: policy, records: ["steer-test": [soa]], serial: now))
        .snapshot?.generation.serial
    }
    #expect(serial(3_000_000_000) == 4_000_000_000)
    #expect(serial(4_000_000_001) == 4_000_000_001)
    // Past the wrap, 5 is later than 4,000,000,000 (RFC 1982 §3.2).
    #expect(serial(5) == 5)
  }
}
