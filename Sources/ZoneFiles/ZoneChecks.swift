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
    checkRedirections()
    checkSizes()
    warnings += TargetChecks(apex: apex, records: records, maximumFaults: maximumFaults)
      .warnings(readingFailed: readingFailed)
  }

  private mutating func dropOutside() {
    let outside = records.filter { !$0.record.owner.isAtOrBelow(apex) }
    guard !outside.isEmpty else { return }
    records.removeAll { !$0.record.owner.isAtOrBelow(apex) }
    errors += outside.prefix(maximumFaults).map {
      ZoneFault(
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
        ZoneFault(
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
        ZoneFault(
          .outside, entry,
          "the SOA record of \(entry.record.owner) is not at the apex \(apex); make it a zone"))
    }
    for entry in atApex.dropFirst() {
      errors.append(ZoneFault(.severalSOA, entry, "the zone has a second SOA record; leave one"))
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
        ZoneFault(
          .cnameConflict, entry,
          other == .cname
            ? "\(owner) has several CNAME records; leave one"
            : "\(owner) has a CNAME record and \(other) data; leave one of them"))
    }
  }

  /// A name has one DNAME record, no delegation beside it and nothing below it (RFC 6672 §2.3, §2.4).
  private mutating func checkRedirections() {
    var redirections: [ArraySlice<UInt8>: DomainName] = [:]
    for entry in records where entry.record.type == .dname {
      let owner = entry.record.owner
      guard redirections.updateValue(owner, forKey: owner.wire[...]) != nil else { continue }
      errors.append(ZoneFault(.severalDNAME, entry, "\(owner) has several DNAME records; leave one"))
    }
    guard !redirections.isEmpty else { return }
    for entry in records where errors.count < maximumFaults {
      let owner = entry.record.owner
      if entry.record.type == .ns, owner != apex, redirections[owner.wire[...]] != nil {
        warnings.append(
          ZoneFault(
            .dnameAtDelegation, entry,
            "\(owner) is delegated, so its DNAME record here is never used; put that into the delegated zone"))
      }
      guard let above = owner.ancestors(upTo: apex).lazy.compactMap({ redirections[$0] }).first else { continue }
      errors.append(
        ZoneFault(.belowDNAME, entry, "\(owner) lies below \(above), whose DNAME record stands for all names there"))
    }
  }

  /// An RRset fits a message of 65,535 octets beside its question and an OPT record; a larger one could never be
  /// answered.
  private mutating func checkSizes() {
    // Header 12, type and class of the question 4, OPT record 11.
    let (fixed, maximum) = (12 + 4 + 11, 65_535)
    // A pointer to the owner 2, then type, class, TTL and length 10.
    let size: (ResourceRecord) -> Int = { 12 + $0.rdata.count }
    var sizes: [RRsetKey: Int] = [:]
    for entry in records {
      let key = RRsetKey(entry.record)
      let before = sizes[key] ?? fixed + entry.record.owner.wire.count
      let after = before + size(entry.record)
      sizes[key] = after
      guard before <= maximum, after > maximum else { continue }
      errors.append(
        ZoneFault(
          .oversizedRRset, entry,
          "with this record the \(key.type) records of \(key.owner) no longer fit any DNS message (\(maximum) octets)"
        ))
    }
  }
}

extension DomainName {
  /// The names above this one in wire format, the nearest first, `apex` the last; none for `apex`.
  ///
  /// The name lies at or below `apex`. Nothing is copied, as there may be millions of names.
  func ancestors(upTo apex: DomainName) -> [ArraySlice<UInt8>] {
    let end = wire.count - apex.wire.count
    var ancestors: [ArraySlice<UInt8>] = []
    var index = 0
    while index < end {
      index += 1 + Int(wire[index])
      ancestors.append(wire[index...])
    }
    return ancestors
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
