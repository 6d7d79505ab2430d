import Control
import DNSServer
public import DNSWire
import Foundation
import Steering

/// Zones of master files, served on loopback as those of a policy are.
public enum ZoneServer {
  /// A zone to serve.
  public struct Zone: Sendable {
    /// A name for its policy object and its file.
    public var name: String
    /// The apex in presentation format.
    public var apex: String
    /// The master file.
    public var text: String

    /// A zone of a master file.
    public init(name: String, apex: String, text: String) {
      self.name = name
      self.apex = apex
      self.text = text
    }
  }

  /// Why a zone is not served.
  public struct Refusal: Sendable {
    /// The zone's name.
    public var zone: String
    /// The errors that were found.
    public var findings: [String]
  }

  /// Serves zones for as long as `body` takes; tells it where, and which zones the checks refused.
  ///
  /// Where one is refused, a policy has no snapshot: it is loaded again without those.
  public static func serving<Result>(
    _ zones: [Zone], serial: UInt32, _ body: (Endpoint, [Refusal]) async throws -> Result
  ) async throws -> Result {
    let (snapshot, refusals) = try load(zones, serial: serial)
    let loopback = Endpoint(address: IPAddress(v4: 0x7F00_0001), port: 0)
    let server = try await DNSServer(.init(endpoints: [loopback], threads: 1), serving: snapshot)
    do {
      let result = try await body(server.endpoints[0], refusals)
      await server.drain()
      return result
    } catch {
      await server.drain()
      throw error
    }
  }

  private static func load(_ zones: [Zone], serial: UInt32) throws -> (Snapshot, [Refusal]) {
    try TemporaryFolder.with { folder in
      for zone in zones {
        let document = """
          apiVersion: egress.aibang.com/v1alpha1
          kind: SteeringZone
          metadata: {name: \(zone.name)}
          spec: {zone: '\(zone.apex)', zoneFile: \(zone.name).zone}
          """
        try write(document, to: folder.appending(path: "\(zone.name).yaml"))
        try write(zone.text, to: folder.appending(path: "\(zone.name).zone"))
      }
      let loaded = SnapshotLoader.load([folder.path], serial: serial)
      if let snapshot = loaded.snapshot { return (snapshot, []) }
      let errors = loaded.diagnostics.filter { $0.severity == .error }
      let findings = Dictionary(grouping: errors) { error in
        URL(filePath: error.location.file).deletingPathExtension().lastPathComponent
      }
      let refusals = findings.map { zone, errors in
        Refusal(zone: zone, findings: errors.map { "\($0.message) [\($0.code.rawValue)]" })
      }
      for refusal in refusals where zones.contains(where: { $0.name == refusal.zone }) {
        for kind in ["yaml", "zone"] {
          try FileManager.default.removeItem(at: folder.appending(path: "\(refusal.zone).\(kind)"))
        }
      }
      guard let snapshot = SnapshotLoader.load([folder.path], serial: serial).snapshot else {
        throw TestPolicy.Refused(description: errors.map(\.description).joined(separator: "\n"))
      }
      return (snapshot, refusals)
    }
  }

  private static func write(_ text: String, to file: URL) throws {
    try Data(text.utf8).write(to: file)
  }
}
