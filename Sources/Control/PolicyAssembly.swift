import Foundation
import Steering
import SteeringPolicy

/// A policy put together of one version of each of its parts.
struct PolicyAssembly {
  /// The documents, in the order in which they count: of two that cannot both be, the later is at fault.
  var documents: [PolicyDocuments]
  /// What could not be read.
  var unreadable: [Diagnostic] = []
  /// The inventory of a live cluster.
  var inventory: ClusterInventory?
  /// Whether a part is of a live cluster.
  var isLive = false
  /// Where the zone files are that zones of the cluster name.
  var folder: String?
  /// Zone files that are taken as they were.
  var keptZoneFiles: [String: [UInt8]] = [:]
  /// The serial of the snapshot.
  var serial: UInt32
  /// What becomes of policies that tie.
  var ties = SnapshotCompiler.Ties.refused

  /// What came of it.
  struct Outcome {
    /// The snapshot; nil if a finding is an error.
    var snapshot: Snapshot?
    /// The validated policy; nil if it is not valid by itself.
    var policy: PolicySet?
    /// Every finding, in the order of the places.
    var diagnostics: [Diagnostic]
    /// The zone files that were read or tried, with their octets.
    var zoneFiles: [String: [UInt8]] = [:]
    /// Of each of them the places where it is named, or where a file is that includes it.
    var zoneFileOwners: [String: [SourceLocation]] = [:]
  }

  /// Validates the documents, reads the zone files, compiles.
  func load() -> Outcome {
    let (policy, diagnostics) = policy()
    var outcome = Outcome(policy: policy, diagnostics: diagnostics)
    guard let policy else { return outcome }
    var records: [String: [StaticRecord]] = [:]
    for zone in policy.zones {
      guard let file = zone.zoneFile else { continue }
      switch path(of: file) {
      case .failure(let fault): outcome.diagnostics.append(fault.diagnostic)
      case .success(let path):
        let master = ZoneLoader.load(path, origin: zone.apex, namedAt: file.location, kept: keptZoneFiles)
        outcome.zoneFiles.merge(master.files) { first, _ in first }
        for path in master.files.keys { outcome.zoneFileOwners[path, default: []].append(file.location) }
        outcome.diagnostics += master.diagnostics
        records[zone.name] = master.records
      }
    }
    if !outcome.diagnostics.hasErrors {
      let compiled = SnapshotCompiler.compile(
        .init(policy: policy, records: records, serial: serial, ties: ties))
      outcome.snapshot = compiled.snapshot
      outcome.diagnostics += compiled.diagnostics
    }
    outcome.diagnostics.sort { $0.location < $1.location }
    return outcome
  }

  /// The validated policy, or nil if a finding is an error, and every finding, in the order of the places.
  func policy(
    services: PolicyLoader.Services = .inventory
  ) -> (policy: PolicySet?, diagnostics: [Diagnostic]) {
    let loaded = PolicyLoader.load(documents, cluster: inventory, isLive: isLive, services: services)
    // What a file that cannot be read holds is not missing.
    let missing = DiagnosticCode.references.union([.noZone])
    var diagnostics = unreadable + loaded.diagnostics.filter { unreadable.isEmpty || !missing.contains($0.code) }
    diagnostics.sort { $0.location < $1.location }
    return (diagnostics.hasErrors ? nil : loaded.policy, diagnostics)
  }

  /// Why a zone file is not looked for.
  private struct Refused: Error {
    let diagnostic: Diagnostic
  }

  /// Where a zone's master file is: beside the document that names it, or for a zone of the cluster in the server's own
  /// folder and nowhere else, since who may write zones may not for that read the server's other files.
  private func path(of file: Located<String>) -> Result<String, Refused> {
    if !file.location.isObject {
      let beside = (file.location.file as NSString).deletingLastPathComponent
      return .success(
        file.value.hasPrefix("/") ? file.value : (beside as NSString).appendingPathComponent(file.value))
    }
    func refuse(_ message: String) -> Result<String, Refused> {
      .failure(Refused(diagnostic: Diagnostic(.invalidValue, at: file.location, message)))
    }
    guard let folder else {
      return refuse("spec.zoneFile names a file of the server, which has no folder of zone files; start it with one")
    }
    let names = file.value.split(separator: "/", omittingEmptySubsequences: false)
    guard names.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") }) else {
      return refuse(
        "spec.zoneFile '\(file.value.prefix(80))' is not the path of a file in the server's folder; write it relative to "
          + "that, without '..' and without names that start with a dot")
    }
    return .success((folder as NSString).appendingPathComponent(file.value))
  }
}
