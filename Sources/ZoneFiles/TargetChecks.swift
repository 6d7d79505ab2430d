import DNSWire

/// Finds where the targets of NS, MX and SRV records lead, as far as the zone knows.
///
/// What it finds are warnings: others serve such zones, and names that the policy adds to the zone are not known here.
struct TargetChecks {
  let apex: DomainName
  let records: [ZoneRecord]
  let maximumFaults: Int

  /// The warnings; what is missing is none where `readingFailed`, as it may stand in an entry that could not be read.
  func warnings(readingFailed: Bool) -> [ZoneFault] {
    let targets = records.compactMap { entry in
      entry.record.target.flatMap { $0.isAtOrBelow(apex) ? (entry: entry, name: $0) : nil }
    }
    let holdings = holdings(at: targets.map(\.name))
    let found = targets.lazy.compactMap { target -> ZoneFault? in
      fault(of: target.entry, target.name, leadingTo: outcome(of: target.name, holdings), readingFailed)
    }
    return Array(found.prefix(maximumFaults))
  }

  /// What a name has, of all that matters to those who are sent there.
  private struct Holding: OptionSet {
    var rawValue: UInt8
    static let something = Holding(rawValue: 1)
    static let address = Holding(rawValue: 2)
    static let alias = Holding(rawValue: 4)
    static let redirection = Holding(rawValue: 8)
    static let delegation = Holding(rawValue: 16)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(_ type: RecordType) {
      switch type {
      case .a, .aaaa: self = [.something, .address]
      case .cname: self = [.something, .alias]
      case .dname: self = [.something, .redirection]
      case .ns: self = [.something, .delegation]
      default: self = .something
      }
    }
  }

  /// Where a target leads.
  private enum Outcome {
    case address
    case noAddress
    case noGlue(cut: ArraySlice<UInt8>)
    case alias
    case redirection(ArraySlice<UInt8>)
  }

  /// What the names have, and those above them, and the wildcards that may stand for them.
  private func holdings(at targets: [DomainName]) -> [ArraySlice<UInt8>: Holding] {
    var holdings: [ArraySlice<UInt8>: Holding] = [:]
    var parents: Set<ArraySlice<UInt8>> = []
    for target in targets where holdings.updateValue([], forKey: target.wire[...]) == nil {
      for ancestor in target.ancestors(upTo: apex) {
        // Whoever came here before went on to the apex.
        guard parents.insert(ancestor).inserted else { break }
        holdings[ancestor] = []
        holdings[Self.wildcard(below: ancestor)] = []
      }
    }
    guard !holdings.isEmpty else { return [:] }
    for entry in records { holdings[entry.record.owner.wire[...]]?.formUnion(Holding(entry.record.type)) }
    return holdings
  }

  private static func wildcard(below name: ArraySlice<UInt8>) -> ArraySlice<UInt8> { [1, 0x2A] + name }

  private func outcome(of target: DomainName, _ holdings: [ArraySlice<UInt8>: Holding]) -> Outcome {
    let own = holdings[target.wire[...]] ?? []
    let ancestors = target.ancestors(upTo: apex)
    for name in ancestors.reversed() + [target.wire[...]] {
      let holding = holdings[name] ?? []
      if name.count != apex.wire.count, holding.contains(.delegation) {
        return own.contains(.address) ? .address : .noGlue(cut: name)
      }
      if name.count != target.wire.count, holding.contains(.redirection) { return .redirection(name) }
    }
    // An empty non-terminal would keep a wildcard away (RFC 4592 §2.2.2), which is not looked at.
    let covering = ancestors.lazy.compactMap { holdings[Self.wildcard(below: $0)] }.first { !$0.isEmpty }
    let holding = own.isEmpty ? covering ?? [] : own
    if holding.contains(.alias) { return .alias }
    return holding.contains(.address) ? .address : .noAddress
  }

  private func fault(
    of entry: ZoneRecord, _ target: DomainName, leadingTo outcome: Outcome, _ readingFailed: Bool
  ) -> ZoneFault? {
    let type = entry.record.type
    let rule = "\(type) records must not name an alias; name its target"
    switch outcome {
    case .alias:
      return ZoneFault(.aliasTarget, entry, "\(target) has a CNAME record, and \(rule)")
    case .redirection(let name):
      return ZoneFault(.aliasTarget, entry, "\(target) lies below the DNAME record of \(text(name)), and \(rule)")
    case .noGlue(let cut) where type == .ns && !readingFailed:
      return ZoneFault(
        .missingGlue, entry,
        "the name server \(target) lies at or below the delegation of \(text(cut)) and has no A or AAAA record here; add it"
      )
    case .noAddress where type == .ns && !readingFailed:
      return ZoneFault(
        .serverWithoutAddress, entry, "the name server \(target) has no A or AAAA record in the zone; add one")
    default: return nil
    }
  }
}

/// The name for messages.
private func text(_ name: ArraySlice<UInt8>) -> String {
  (try? DomainName(wire: name)).map(\.description) ?? "?"
}

extension ResourceRecord {
  /// The name that a NS, MX or SRV record sends to; nil for other types.
  fileprivate var target: DomainName? {
    switch type {
    case .ns: try? DomainName(wire: rdata)
    case .mx: try? DomainName(wire: rdata.dropFirst(2))
    case .srv: try? DomainName(wire: rdata.dropFirst(6))
    default: nil
    }
  }
}
