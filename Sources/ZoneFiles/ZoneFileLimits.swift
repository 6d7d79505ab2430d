/// How large a master file may be; what is larger is refused, not truncated.
public struct ZoneFileLimits: Hashable, Sendable {
  /// The largest file, in octets, included ones too.
  public var maximumFileSize = 64 << 20
  /// The most octets read in all, which also bounds files that include one another over and over.
  public var maximumTotalSize = 256 << 20
  /// The most files inside one another; the master file itself is not counted.
  public var maximumIncludeDepth = 8
  /// The most records of a zone, duplicates counted.
  public var maximumRecords = 10_000_000
  /// The most octets of one entry, comments and blanks not counted.
  ///
  /// RDATA of 65,535 octets in `\DDD` form fits.
  public var maximumEntrySize = 512 << 10
  /// The most faults that are reported; reading stops at the last.
  public var maximumFaults = 100

  /// The limits that Steer uses.
  public static let `default` = ZoneFileLimits()

  /// The default limits, for callers that change some of them.
  public init() {}
}
