import DNSWire

extension Validator {
  /// Reports apexes that two zones share, and reverse zones that overlap.
  func checkZones() {
    var places: [DomainName: SourceLocation] = [:]
    for apex in objects.zones.flatMap(\.apexes) {
      guard let first = places[apex.value] else {
        places[apex.value] = apex.location
        continue
      }
      findings.report(
        .duplicateZone, at: apex.location, related: [first],
        "the zone \(apex.value.relativeDescription) is already served, by \(first); remove one of them")
    }
    checkReverseBlocks(places)
  }

  /// Reports reverse zones that overlap, or that are another zone's apex; `places` says where each apex stands.
  private func checkReverseBlocks(_ places: [DomainName: SourceLocation]) {
    let blocks = objects.zones.flatMap(\.reverseBlocks)
    for (index, block) in blocks.enumerated() {
      let name = block.value.reverseName
      let earlier = blocks[..<index].first {
        $0.value.contains(block.value.first) || block.value.contains($0.value.first)
      }
      guard let first = earlier?.location ?? places[name] else { continue }
      findings.report(
        .duplicateZone, at: block.location, related: [first],
        "the reverse zone \(name.relativeDescription) is already served, whole or in part, by \(first); remove one of them"
      )
    }
  }

  /// Reports hostnames that two routes share or that no zone holds.
  mutating func checkHostnames() {
    let apexes = Set(objects.zones.compactMap { $0.zone?.apex })
    let aliases = Set(objects.zones.flatMap { $0.zone?.aliases ?? [] })
    // With a zone unread, no hostname can be said to be outside of all.
    let hasEveryZone =
      !objects.unread.mayHoldZone && !objects.zones.isEmpty && objects.zones.allSatisfy { $0.zone != nil }
    let served = apexes.sorted().prefix(10).map(\.relativeDescription).joined(separator: ", ")
    var places: [DomainName: SourceLocation] = [:]
    for hostname in objects.routes.flatMap(\.hostnames) {
      let name = hostname.value.relativeDescription
      if let first = places[hostname.value] {
        findings.report(
          .duplicateHostname, at: hostname.location, related: [first],
          "the hostname \(name) is already taken at \(first); a name can steer to one route only, rename one")
      } else {
        places[hostname.value] = hostname.location
      }
      guard hasEveryZone else { continue }
      switch Self.closest(hostname.value, among: apexes.union(aliases)) {
      case let apex? where apexes.contains(apex): break
      case let alias?:
        outside.insert(hostname.value)
        findings.report(
          .hostnameOutsideZone, at: hostname.location,
          "the hostname \(name) is below \(alias.relativeDescription), an alias; write it below the zone's own apex, and it "
            + "is served under the alias too")
      case nil:
        outside.insert(hostname.value)
        findings.report(
          .hostnameOutsideZone, at: hostname.location,
          "the hostname \(name) is not below the apex of any zone; use a name below one of: \(served)")
      }
    }
  }

  /// The closest of the apexes above a name; nil if there is none, or if the name is an apex itself.
  private static func closest(_ name: DomainName, among apexes: Set<DomainName>) -> DomainName? {
    if apexes.contains(name) { return nil }
    var ancestor = name.parent
    while let next = ancestor, !apexes.contains(next) { ancestor = next.parent }
    return ancestor
  }
}
