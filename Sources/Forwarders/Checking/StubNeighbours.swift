import DNSWire

/// Checks the blocks beside the stubs: which one CoreDNS takes for a name.
struct StubNeighbours {
  var corefile: Corefile
  var stubs: [CorefileStub]
  var apexes: [DomainName]
  var source: CorefileSource

  /// Reports zones with two blocks, blocks that are never asked, and blocks for a part of a zone.
  func check(_ findings: inout CorefileFindings) {
    for (index, stub) in stubs.enumerated() {
      if stubs[..<index].contains(where: { $0.isBeside(stub) && !$0.isView }) {
        findings.add(
          .stubTwice, at: source.location(stub.key.word.place),
          "\(stub.zone.relativeDescription) has a block at this port already, which CoreDNS takes if it starts at all: keep "
            + "one, and of views the one without 'view' last")
      }
    }
    let zones = Set(stubs.map(\.zone)).union(apexes)
    for block in corefile.blocks {
      for key in block.keys { checkShadow(key, block, zones, &findings) }
    }
    let asked = asked
    for group in Dictionary(grouping: stubs, by: \.zone).values {
      checkReach(of: group, from: asked, &findings)
      checkRest(of: group, &findings)
    }
  }

  /// Whether questions come to a zone's blocks: only where the block that pods ask for other names listens.
  private func checkReach(of stubs: [CorefileStub], from asked: [Asked], _ findings: inout CorefileFindings) {
    let listeners = Set(stubs.flatMap(\.listeners))
    guard let stub = stubs.first,
      let missed = asked.first(where: { asked in
        !listeners.contains(asked.listener) && !listeners.contains { $0.mayBe(asked.listener) }
      })
    else { return }
    findings.add(
      .stubNotReached, at: source.location(stub.key.word.place),
      "pods ask at \(missed.listener), as line \(source.location(missed.key.place).line) says, where no block for "
        + "\(stub.zone.relativeDescription) listens, so Steer is not asked: write the port and 'bind' of that block")
  }

  /// What pods ask at, and the key of the block that says so.
  private typealias Asked = (key: Corefile.Word, listener: Corefile.Listener)

  /// What pods ask at: what the blocks for all names and for the cluster's listen at; a fragment has none.
  private var asked: [Asked] {
    var asked: [Asked] = []
    var known: Set<Corefile.Listener> = []
    for block in corefile.blocks {
      for key in block.keys where key.zone == .root || key.zone == Self.clusterDomain {
        let new = block.listeners(of: key).filter { !$0.isOnOwnMachine }.subtracting(known)
        known.formUnion(new)
        asked += new.sorted { $0.address < $1.address }.map { (key.word, $0) }
      }
    }
    // A pod's resolver speaks plain DNS, at port 53 wherever there is one.
    let plain = asked.filter { $0.listener.scheme == "dns" }
    let usual = plain.filter { $0.listener.port == 53 }
    return usual.isEmpty ? plain : usual
  }

  private static let clusterDomain = try? DomainName("cluster.local")

  /// Whether a client of no view has a block: else its question goes on to the block of a shorter zone.
  private func checkRest(of stubs: [CorefileStub], _ findings: inout CorefileFindings) {
    guard let view = stubs.last(where: \.isView), !corefile.blocks.contains(where: { $0.takesRest(of: view) })
    else { return }
    let zone = view.zone.relativeDescription
    findings.add(
      .restMissing, at: source.location(view.key.word.place),
      "what a client of no view asks goes on to the block of a shorter zone, and so to the outside: add a block for "
        + "\(zone) without 'view' after this one, with 'template ANY ANY { rcode REFUSED }'")
  }

  private func checkShadow(
    _ key: Corefile.Key, _ block: Corefile.Block, _ zones: Set<DomainName>, _ findings: inout CorefileFindings
  ) {
    guard let zone = key.zone, !zones.contains(zone), let shadowed = zones.first(where: { zone.isAtOrBelow($0) })
    else { return }
    let listeners = block.listeners(of: key)
    guard stubs.contains(where: { $0.zone == shadowed && !$0.listeners.isDisjoint(with: listeners) }) else { return }
    findings.add(
      .stubShadowed, at: source.location(key.word.place),
      "this block takes the names at and below \(zone.relativeDescription) away from the one for "
        + "\(shadowed.relativeDescription), so Steer is not asked for them; remove it")
  }
}

extension Corefile.Block {
  /// Whether it is asked by the clients that no view of a zone takes.
  fileprivate func takesRest(of view: CorefileStub) -> Bool {
    plugins("view").isEmpty
      && keys.contains { $0.zone == view.zone && !listeners(of: $0).isDisjoint(with: view.listeners) }
  }
}
