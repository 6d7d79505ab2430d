import DNSWire
import TestSupport

/// A zone as a generator makes it, with the questions to ask of it.
struct GeneratedZone {
  /// A record of the zone.
  struct Record {
    var owner: GeneratedName
    var ttl: Int
    var type: String
    var rdata: String
    /// The name in the RDATA, if there is one.
    var target: GeneratedName?

    /// The line of the master file.
    var line: String { "\(owner) \(ttl) IN \(type) \(rdata)" }
  }

  /// What the zone was made from.
  var seed: UInt64
  var apex: GeneratedName
  var records: [Record]
  var queries: [WireQuery]

  /// A name for the zone's object and file.
  var name: String { "zone-\(seed)-\(apex.labels.count)" }
  /// The master file.
  var text: String { records.map { $0.line + "\n" }.joined() }
}
