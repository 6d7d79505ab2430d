public import DNSWire

/// A record and where it stands.
public struct ZoneRecord: Hashable, Sendable {
  /// The record; its names are in canonical form and uncompressed.
  public var record: ResourceRecord
  /// The path of the file that holds the record, as the reader was asked for it.
  public var file: String
  /// The line on which the record's entry starts, counted from 1.
  public var line: Int

  /// A record of a place.
  public init(record: ResourceRecord, file: String, line: Int) {
    self.record = record
    self.file = file
    self.line = line
  }
}
