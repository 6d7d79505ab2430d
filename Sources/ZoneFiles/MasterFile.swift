public import DNSWire

/// A master file read and checked (RFC 1035 §5).
public struct MasterFile: Sendable {
  /// The records in the order they stand, without duplicates; where there are errors, those that could be read.
  public var records: [ZoneRecord]
  /// All faults found, by file and line, errors before warnings; without an error the zone is usable.
  public var faults: [ZoneFault]

  /// A master file of its parts.
  public init(records: [ZoneRecord], faults: [ZoneFault]) {
    self.records = records
    self.faults = faults
  }

  /// Whether the zone is usable: no fault but warnings.
  public var isUsable: Bool { faults.allSatisfy(\.isWarning) }
}

extension MasterFile {
  /// Reads and checks the master file at `path`.
  ///
  /// `$ORIGIN`, `$TTL` and `$INCLUDE` are followed. A record without a TTL gets that of `$TTL`, else the last one
  /// that a record stated, else the SOA's MINIMUM, else 3600. An included file starts with the origin named behind
  /// it, or the current one, and with the current owner; both are as before after it. Its TTLs hold on.
  /// Included files must lie in the master file's folder or below.
  ///
  /// - Parameters:
  ///   - path: The file; included files are relative to the file that names them.
  ///   - origin: The zone's apex and the first `$ORIGIN`.
  ///   - limits: How large the files may be.
  ///   - read: Gives a file's content by its path, or nil when it cannot be read.
  public static func load(
    path: String, origin: DomainName, limits: ZoneFileLimits = .default, read: (String) -> [UInt8]?
  ) -> MasterFile {
    var reader = MasterFileReader(path: path, origin: origin, limits: limits)
    reader.readMasterFile(read)
    var checks = ZoneChecks(
      path: path, apex: origin, records: reader.records, readingFailed: !reader.faults.isEmpty,
      maximumFaults: limits.maximumFaults)
    checks.run()
    let order: (ZoneFault, ZoneFault) -> Bool = { ($0.file, $0.line) < ($1.file, $1.line) }
    let errors = (reader.faults + checks.errors).prefix(limits.maximumFaults).sorted(by: order)
    let warnings = checks.warnings.sorted(by: order).prefix(limits.maximumFaults)
    return MasterFile(records: checks.records, faults: errors + warnings)
  }
}
