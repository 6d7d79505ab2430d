import DNSWire

/// Checks the blocks beside the stubs: which one CoreDNS takes for a name.
struct StubNeighbours {
  var corefile: Corefile
  var stubs: [CorefileStub]
  var apexes: [DomainName]
  var source: CorefileSource

  /// Reports zones with two blocks, and blocks for a part of a zone.
  func check(_ findings: inout CorefileFindings) {
    for (index, stub) in stubs.enumerated() {
      let isTwice = stubs[..<index].contains { other in
        other.zone == stub.zone && other.key.sharesListener(with: stub.key) && !other.isView
      }
      if isTwice {
        findings.add(
          .stubTwice, at: source.location(stub.key.word.place),
          "\(stub.zone.relativeDescription) has two blocks at one port, of which CoreDNS takes the first or none; keep one"
        )
      }
    }
    let zones = Set(stubs.map(\.zone)).union(apexes)
    for block in corefile.blocks {
      for key in block.keys { checkShadow(key, zones, &findings) }
    }
  }

  private func checkShadow(_ key: Corefile.Key, _ zones: Set<DomainName>, _ findings: inout CorefileFindings) {
    guard let zone = key.zone, !zones.contains(zone), let shadowed = zones.first(where: { zone.isAtOrBelow($0) })
    else { return }
    guard stubs.contains(where: { $0.zone == shadowed && $0.key.sharesListener(with: key) }) else { return }
    findings.add(
      .stubShadowed, at: source.location(key.word.place),
      "this block takes the names at and below \(zone.relativeDescription) away from the one for "
        + "\(shadowed.relativeDescription), so Steer is not asked for them; remove it")
  }
}
