import DNSWire

/// Checks the records of a zone as a whole, and repairs what RFC 2181 says how to repair.
struct ZoneChecks {
  /// The records; after ``run()`` those of the zone, without duplicates and with one TTL to an RRset.
  private(set) var records: [ZoneRecord]
  private(set) var errors: [ZoneFault] = []
  private(set) var warnings: [ZoneFault] = []

  private let path: String
  private let apex: DomainName
  private let readingFailed: Bool
  private let maximumFaults: Int

  /// The checks of records read from `path`; what is missing is no fault where `readingFailed`, as it may stand
  /// in an entry that could not be read.
  init(path: String, apex: DomainName, records: [ZoneRecord], readingFailed: Bool, maximumFaults: Int) {
    self.path = path
    self.apex = apex
    self.records = records
    self.readingFailed = readingFailed
    self.maximumFaults = maximumFaults
  }

  /// Runs all checks.
  mutating func run() {
    dropOutside()
    unifyTTLs()
    dropDuplicates()
    checkApex()
    checkAliases()
  }

  private mutating func dropOutside() {
    let outside = records.filter { !$0.record.owner.isAtOrBelow(apex) }
    guard !outside.isEmpty else { return }
    records.removeAll { !$0.record.owner.isAtOrBelow(apex) }
    errors += outside.prefix(maximumFaults).map {
      fault(
        .outside, $0,
        "\($0.record.owner) is outside the zone \(apex); is there a final dot that is not meant?")
    }
  }

  /// Gives the records of an RRset the lowest of their TTLs (RFC 2181 §5.2).
  private mutating func unifyTTLs() {
    var lowest: [RRsetKey: UInt32] = [:]
    var mismatches: Set<RRsetKey> = []
    var shown: [(RRsetKey, ZoneRecord)] = []
    for entry in records where entry.record.type != .rrsig {
      let key = RRsetKey(entry.record)
      guard let ttl = lowest[key], ttl != entry.record.ttl else {
        lowest[key] = entry.record.ttl
        continue
      }
      lowest[key] = min(ttl, entry.record.ttl)
      if mismatches.insert(key).inserted, shown.count < maximumFaults { shown.append((key, entry)) }
    }
    guard !mismatches.isEmpty else { return }
    for index in records.indices {
      let key = RRsetKey(records[index].record)
      if mismatches.contains(key), let ttl = lowest[key] { records[index].record.ttl = ttl }
    }
    for (key, entry) in shown {
      let ttl = lowest[key] ?? entry.record.ttl
      warnings.append(
        fault(
          .ttlMismatch, entry, "the \(key.type) records of \(key.owner) have different TTLs; \(ttl) is used"))
    }
  }

  /// Drops records that stand more than once, which has no meaning (RFC 2181 §5).
  private mutating func dropDuplicates() {
    var seen = Set<ResourceRecord>(minimumCapacity: records.count)
    records.removeAll { !seen.insert($0.record).inserted }
  }

  private mutating func checkApex() {
    let authorities = records.filter { $0.record.type == .soa }
    let atApex = authorities.filter { $0.record.owner == apex }
    for entry in authorities where entry.record.owner != apex {
      errors.append(
        fault(
          .outside, entry,
          "the SOA record of \(entry.record.owner) is not at the apex \(apex); make it a zone"))
    }
    for entry in atApex.dropFirst() {
      errors.append(fault(.severalSOA, entry, "the zone has a second SOA record; leave one"))
    }
    guard !readingFailed else { return }
    let start = ZoneFault(
      code: .withoutSOA, file: path, line: 1, message: "the apex \(apex) has no SOA record")
    if atApex.isEmpty { errors.append(start) }
    if !records.contains(where: { $0.record.type == .ns && $0.record.owner == apex }) {
      errors.append(
        ZoneFault(
          code: .withoutNS, file: atApex.first?.file ?? path, line: atApex.first?.line ?? 1,
          message: "the apex \(apex) has no NS record"))
    }
  }

  /// A name with a CNAME record has no other data, DNSSEC's own aside (RFC 1034 §3.6.2, RFC 4035 §2.5).
  private mutating func checkAliases() {
    let aliases = Set(records.lazy.filter { $0.record.type == .cname }.map(\.record.owner))
    guard !aliases.isEmpty else { return }
    var first: [DomainName: RecordType] = [:]
    var reported: Set<DomainName> = []
    for entry in records where aliases.contains(entry.record.owner) {
      let (owner, type) = (entry.record.owner, entry.record.type)
      guard type != .rrsig, type.rawValue != 47 else { continue }
      guard let earlier = first[owner] else {
        first[owner] = type
        continue
      }
      // Two records of other data are no conflict; the CNAME that follows them is.
      guard earlier == .cname || type == .cname, reported.insert(owner).inserted else { continue }
      let other = earlier == .cname ? type : earlier
      errors.append(
        fault(
          .cnameConflict, entry,
          other == .cname
            ? "\(owner) has several CNAME records; leave one"
            : "\(owner) has a CNAME record and \(other) data; leave one of them"))
    }
  }

  private func fault(_ code: ZoneFaultCode, _ entry: ZoneRecord, _ message: String) -> ZoneFault {
    ZoneFault(code: code, file: entry.file, line: entry.line, message: message)
  }
}

/// What makes records one RRset (RFC 2181 §5).
private struct RRsetKey: Hashable {
  var owner: DomainName
  var type: RecordType

  init(_ record: ResourceRecord) {
    owner = record.owner
    type = record.type
  }
}
