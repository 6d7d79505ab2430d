public import DNSWire
import Foundation
public import Steering
public import SteeringPolicy
import ZoneFiles

/// Reads and checks master files from disk.
public enum ZoneLoader {
  /// What came of a master file.
  public struct Result: Sendable {
    /// Its records.
    public var records: [StaticRecord]
    /// Every finding.
    public var diagnostics: [Diagnostic]
    /// Every file that was read, with its octets, or tried.
    public var files: [String: [UInt8]]
  }

  /// Loads the master file at `path`; `place` is where it is named, if in a policy.
  ///
  /// Of a path that `kept` has, its octets are taken, and not the file as it is now.
  public static func load(
    _ path: String, origin: DomainName, namedAt place: SourceLocation? = nil, kept: [String: [UInt8]] = [:]
  ) -> Result {
    var files: [String: [UInt8]] = [:]
    var unreadable: Diagnostic?
    let master = MasterFile.load(path: path, origin: origin) { path in
      files[path] = []
      switch kept[path].map({ .success($0) }) ?? PolicyFiles.contents(of: path) {
      case .success(let octets):
        files[path] = octets
        return octets
      case .failure(let fault):
        unreadable = fault.diagnostic
        return nil
      }
    }
    let diagnostics = master.faults.map { fault in
      let start = SourceLocation(file: fault.file, line: fault.line, column: 1)
      let named = fault.code == .unreadable && fault.file == path ? place : nil
      let reason = fault.code == .unreadable ? unreadable?.message ?? fault.message : fault.message
      return Diagnostic(
        fault.code.diagnosticCode, at: named ?? start, related: named == nil ? [] : [start],
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
