public import DNSWire
import Foundation
public import Steering
public import SteeringPolicy
import ZoneFiles

/// Paths → snapshot: reads, decodes, validates, reads the zone files, compiles.
///
/// The one way in for every command.
public enum SnapshotLoader {
  /// What came of loading.
  public struct Result: Sendable {
    /// The snapshot; nil if a finding is an error.
    public var snapshot: Snapshot?
    /// The validated policy; nil if it is not valid by itself.
    public var policy: PolicySet?
    /// Every finding, in the order of the places.
    public var diagnostics: [Diagnostic]
    /// Every file that was read or tried, master files too: a change of one of them is a change of the policy.
    public var files: [String]
    /// What serves if the snapshot does: to be given to the next load; nil without a snapshot or without a cluster.
    public var accepted: AcceptedInputs?
    /// What became of each object of the cluster, in the order of their keys.
    public var statuses: [ObjectStatus] = []
  }

  /// A policy and its snapshot.
  public struct Loaded: Sendable {
    /// The snapshot.
    public var snapshot: Snapshot
    /// The validated policy that it was compiled from.
    public var policy: PolicySet

    /// A policy and its snapshot.
    public init(snapshot: Snapshot, policy: PolicySet) {
      self.snapshot = snapshot
      self.policy = policy
    }
  }

  /// Loads the policy under `paths` with a serial for it.
  public static func load(_ paths: [String], serial: UInt32) -> Result {
    load(PolicyInputs(paths: paths), serial: serial)
  }

  /// Loads a policy with a serial for it; what has errors is held back, so that what was `accepted` of it serves on.
  public static func load(_ inputs: PolicyInputs, accepted: AcceptedInputs? = nil, serial: UInt32) -> Result {
    var result = loadPolicy(inputs)
    guard let policy = result.policy else { return result }
    var records: [String: [StaticRecord]] = [:]
    for zone in policy.zones {
      guard let file = zone.zoneFile else { continue }
      let folder = (file.location.file as NSString).deletingLastPathComponent
      let path = file.value.hasPrefix("/") ? file.value : (folder as NSString).appendingPathComponent(file.value)
      let master = ZoneLoader.load(path, origin: zone.apex, namedAt: file.location)
      result.files += master.files
      result.diagnostics += master.diagnostics
      records[zone.name] = master.records
    }
    if !result.diagnostics.hasErrors {
      let compiled = SnapshotCompiler.compile(.init(policy: policy, records: records, serial: serial))
      result.snapshot = compiled.snapshot
      result.diagnostics += compiled.diagnostics
    }
    result.diagnostics.sort { $0.location < $1.location }
    return result
  }

  /// Loads the policy under `paths` without zone files and without a snapshot.
  public static func loadPolicy(_ paths: [String], services: PolicyLoader.Services = .inventory) -> Result {
    loadPolicy(PolicyInputs(paths: paths), services: services)
  }

  /// Loads a policy without zone files and without a snapshot.
  public static func loadPolicy(_ inputs: PolicyInputs, services: PolicyLoader.Services = .inventory) -> Result {
    let (files, unreadable) = (inputs.files, inputs.unreadable)
    var result = Result(diagnostics: unreadable, files: files.map(\.path))
    if files.isEmpty { return result }
    let loaded = PolicyLoader.load(files, services: services)
    // What a file that cannot be read holds is not missing.
    let references: Set<DiagnosticCode> = [
      .unknownRoute, .unknownService, .unknownNamespace, .noZone, .hostnameOutsideZone, .testNamespaceUnknown,
    ]
    result.diagnostics += loaded.diagnostics.filter { unreadable.isEmpty || !references.contains($0.code) }
    result.diagnostics.sort { $0.location < $1.location }
    result.policy = result.diagnostics.hasErrors ? nil : loaded.policy
    return result
  }
}

/// Reads and checks master files from disk.
public enum ZoneLoader {
  /// What came of a master file.
  public struct Result: Sendable {
    /// Its records.
    public var records: [StaticRecord]
    /// Every finding.
    public var diagnostics: [Diagnostic]
    /// Every file that was read or tried.
    public var files: [String]
  }

  /// Loads the master file at `path`; `place` is where it is named, if in a policy.
  public static func load(_ path: String, origin: DomainName, namedAt place: SourceLocation? = nil) -> Result {
    var files: [String] = []
    var unreadable: Diagnostic?
    let master = MasterFile.load(path: path, origin: origin) { path in
      files.append(path)
      switch PolicyFiles.contents(of: path) {
      case .success(let octets): return octets
      case .failure(let fault):
        unreadable = fault.diagnostic
        return nil
      }
    }
    let diagnostics = master.faults.map { fault in
      let place = fault.code == .unreadable && fault.file == path ? place : nil
      let reason = fault.code == .unreadable ? unreadable?.message ?? fault.message : fault.message
      return Diagnostic(
        fault.code.diagnosticCode, at: place ?? SourceLocation(file: fault.file, line: fault.line, column: 1),
        fault.code == .unreadable ? "zone file \(fault.file): \(reason)" : reason)
    }
    let records = master.records.map {
      StaticRecord($0.record, at: SourceLocation(file: $0.file, line: $0.line, column: 1))
    }
    return Result(records: records, diagnostics: diagnostics + records.compactMap(\.fault), files: files)
  }
}

extension ZoneFaultCode {
  /// The fault as a kind of finding.
  fileprivate var diagnosticCode: DiagnosticCode {
    switch self {
    case .unreadable: .zoneFile
    case .syntax: .zoneSyntax
    case .include: .zoneInclude
    case .withoutSOA: .zoneWithoutSOA
    case .severalSOA: .zoneSeveralSOA
    case .withoutNS: .zoneWithoutNS
    case .outside: .zoneOutside
    case .cnameConflict: .zoneCNAMEConflict
    case .severalDNAME: .zoneSeveralDNAME
    case .belowDNAME: .zoneBelowDNAME
    case .dnameAtDelegation: .zoneDNAMEDelegation
    case .oversizedRRset: .zoneRRsetTooLarge
    case .missingGlue: .zoneMissingGlue
    case .serverWithoutAddress: .zoneNSWithoutAddress
    case .aliasTarget: .zoneAliasTarget
    case .ttlMismatch: .zoneTTLMismatch
    case .recordClass: .zoneClass
    }
  }
}
