import DNSWire

extension ZoneDraft {
  /// Adds the names in an RRset's records that the zone has addresses for, each once; returns their range.
  ///
  /// What is required comes first, then what is small: so what does not fit is what can best be done without.
  func addAdditional(
    _ records: [StaticRecord], base: UInt32, to compiled: inout CompiledPolicy
  ) -> Range<UInt32> {
    let first = UInt32(compiled.additional.count)
    guard let type = records.first?.record.type, let place = type.additionalNamePlace else { return first..<first }
    var found: [(name: AdditionalName, size: Int)] = []
    var seen: Set<DomainName> = []
    var start = 0
    for record in records.map(\.record) {
      // The name follows the owner's pointer and what comes before the RDATA.
      let offset = start + 2 + RecordEncoder.headerSize + place
      start += 2 + RecordEncoder.headerSize + record.rdata.count
      guard let target = record.name(at: place) else { continue }
      // A service may be offered by the owner itself (RFC 9460 §2.5.2).
      let isOwner = target == .root && type.isServiceBinding
      let name = isOwner ? record.owner : target
      guard seen.insert(name).inserted, let index = match(name), let offset = UInt16(exactly: isOwner ? 0 : offset)
      else { continue }
      let isService = type.isServiceBinding && name != record.owner
      let addresses = names[index].records.filter { $0.type.isAddress || isService && $0.type == type }
        .flatMap(\.records)
      guard !addresses.isEmpty || names[index].node.route != Node.none else { continue }
      found.append(
        (
          AdditionalName(
            offset: offset, node: base + UInt32(index), isService: isService,
            isRequired: type == .ns && name.isAtOrBelow(record.owner)),
          addresses.reduce(0) { $0 + $1.record.rdata.count }
        ))
    }
    let sorted = found.enumerated().sorted { left, right in
      (left.element.name.isRequired ? 0 : 1, left.element.size, left.offset)
        < (right.element.name.isRequired ? 0 : 1, right.element.size, right.offset)
    }
    compiled.additional += sorted.map(\.element.name)
    return first..<UInt32(compiled.additional.count)
  }
}

extension RecordType {
  /// Where in the RDATA the name stands whose addresses a client will ask for next, in octets; nil if there is none.
  ///
  /// NS and MX (RFC 1034 §4.3.2, RFC 1035 §3.3.9), AFSDB and RT (RFC 1183), KX (RFC 2230), SRV (RFC 2782), SVCB and
  /// HTTPS (RFC 9460 §4.1).
  fileprivate var additionalNamePlace: Int? {
    switch self {
    case .ns: 0
    case .mx, .afsdb, .rt, .kx, .svcb, .https: 2
    case .srv: 6
    default: nil
    }
  }

  fileprivate var isServiceBinding: Bool { self == .svcb || self == .https }

  /// Whether records of the type hold addresses.
  var isAddress: Bool { self == .a || self == .aaaa }
}

extension ResourceRecord {
  /// The name at a place of the RDATA; nil if there is none.
  fileprivate func name(at place: Int) -> DomainName? {
    var end = place
    while end < rdata.count, rdata[end] != 0 { end += 1 + Int(rdata[end]) }
    guard end < rdata.count else { return nil }
    return try? DomainName(wire: rdata[place...end])
  }
}
