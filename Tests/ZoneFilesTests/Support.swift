import DNSWire
import Foundation
import ZoneFiles

/// The folder of the recorded master files.
let fixtures = Bundle.module.resourceURL?.appending(path: "Fixtures")

/// Loads a master file from disk.
func load(_ url: URL, origin: DomainName) -> MasterFile {
  MasterFile.load(path: url.path, origin: origin) { path in
    (try? Data(contentsOf: URL(filePath: path))).map(Array.init)
  }
}

/// Loads a zone of `example.` from texts by path, `zones/a.zone` being the master file.
func load(_ files: [String: String], limits: ZoneFileLimits = .default) throws -> MasterFile {
  MasterFile.load(path: "zones/a.zone", origin: try DomainName("example."), limits: limits) { path in
    files[path].map { Array($0.utf8) }
  }
}

/// The head of every zone that tests write: 4 lines.
let head = """
  $TTL 60
  @ SOA ns1 admin 1 1h 10m 1w 5
  @ NS ns1
  ns1 A 10.0.0.53

  """

/// Loads a zone of `example.` that consists of ``head`` and `text`.
func load(_ text: String) throws -> MasterFile { try load(["zones/a.zone": head + text]) }

/// The records behind ``head``'s as `owner ttl type rdata`, RDATA in hexadecimal.
func lines(_ zone: MasterFile) -> [String] {
  zone.records.dropFirst(3).map { entry in
    let hex = entry.record.rdata.map { String(format: "%02x", $0) }.joined()
    return "\(entry.record.owner) \(entry.record.ttl) \(entry.record.type) \(hex)"
  }
}

/// The faults as `line code`.
func codes(_ zone: MasterFile) -> [String] { zone.faults.map { "\($0.line) \($0.code.rawValue)" } }
