import DNSWire
import Steering
import SteeringPolicy
import TestSupport
import ZoneFiles

/// A master file, to a zone that is served: what is read without a fault has answers that others can read.
enum ZoneTarget {
  /// How many of a zone's records are asked for.
  private static let askedRecords = 32

  private static let policy = try? TestPolicy.policy(
    """
    {apiVersion: egress.aibang.com/v1alpha1, kind: SteeringZone, metadata: {name: zone},
     spec: {zone: example, zoneFile: example.zone}}
    """)

  static func run(_ octets: [UInt8]) {
    guard let origin = try? DomainName("example."), let policy else { return }
    var limits = ZoneFileLimits()
    limits.maximumRecords = 2_000
    let zone = MasterFile.load(path: "example.zone", origin: origin, limits: limits) { path in
      switch path {
      case "example.zone": octets
      case "included": Array("@ A 192.0.2.1\n".utf8)
      default: nil
      }
    }
    for entry in zone.records {
      require(entry.record.rdata.count <= 65_535, "RDATA of \(entry.record.rdata.count) octets")
      require(entry.record.ttl <= ResourceRecord.maximumTTL, "a TTL of \(entry.record.ttl)")
    }
    guard zone.isUsable else { return }
    let place = SourceLocation(file: "example.zone", line: 1, column: 1)
    let records = zone.records.map { StaticRecord($0.record, at: place) }.filter { $0.fault == nil }
    let compiled = SnapshotCompiler.compile(.init(policy: policy, records: ["zone": records], serial: 1))
    guard let snapshot = compiled.snapshot else { return }
    var responder = Responder(snapshot, seed: 1)
    for record in records.prefix(askedRecords).map(\.record) {
      let message = Query.message(name: record.owner, type: record.type)
      AnswerChecks.answer(message, from: IPAddress(v4: 0x7F00_0001), over: .udp, by: &responder)
      AnswerChecks.answer(message, from: IPAddress(v4: 0x7F00_0001), over: .tcp, by: &responder)
    }
  }
}
