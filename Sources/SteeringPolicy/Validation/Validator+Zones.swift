import DNSWire

extension Validator {
  /// Reports apexes that two zones share.
  func checkZones() {
    var places: [DomainName: SourceLocation] = [:]
    for apex in objects.zones.flatMap(\.apexes) {
      guard let first = places[apex.value] else {
        places[apex.value] = apex.location
        continue
      }
      findings.report(
        .duplicateZone, at: apex.location,
        "the zone \(apex.value.relativeDescription) is already served, by \(first); remove one of them")
    }
  }

  /// Reports hostnames that two routes share or that no zone holds.
  func checkHostnames() {
    let apexes = Set(objects.zones.compactMap { $0.zone?.apex })
    // With a zone unread, no hostname can be said to be outside of all.
    let hasEveryZone =
      !objects.unread.mayHoldZone && !objects.zones.isEmpty && objects.zones.allSatisfy { $0.zone != nil }
    let served = apexes.sorted().prefix(10).map(\.relativeDescription).joined(separator: ", ")
    var places: [DomainName: SourceLocation] = [:]
    for hostname in objects.routes.flatMap(\.hostnames) {
      let name = hostname.value.relativeDescription
      if let first = places[hostname.value] {
        findings.report(
          .duplicateHostname, at: hostname.location,
          "the hostname \(name) is already taken at \(first); a name can steer to one route only, rename one")
      } else {
        places[hostname.value] = hostname.location
      }
      if hasEveryZone, !Self.lies(hostname.value, below: apexes) {
        findings.report(
          .hostnameOutsideZone, at: hostname.location,
          "the hostname \(name) is not below the apex of any zone; use a name below one of: \(served)")
      }
    }
  }

  /// Whether a name is below one of the apexes, and no apex itself.
  private static func lies(_ name: DomainName, below apexes: Set<DomainName>) -> Bool {
    if apexes.contains(name) { return false }
    var ancestor = name.parent
    while let next = ancestor {
      if apexes.contains(next) { return true }
      ancestor = next.parent
    }
    return false
  }
}
