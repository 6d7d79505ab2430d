import DNSWire

/// Where a name stands in the zones.
struct ZoneLookup {
  /// What was found.
  enum Match {
    /// The name itself.
    case exact(node: Int)
    /// The name does not exist, but a wildcard covers it (RFC 4592 §3.3.1).
    case wildcard(node: Int)
    /// The name lies at or below a delegation point.
    case delegated(cut: Int)
    /// The name lies below a DNAME.
    case redirected(node: Int)
    /// The name does not exist.
    case absent
  }

  /// The zone's index.
  var zone: Int
  /// The label at which the apex starts in the name.
  var apexLabel: Int

  /// The zone that a name lies in: that of the longest apex; nil if none is served here.
  ///
  /// With `aboveApex` an apex that is the name itself does not count, for what the parent answers (RFC 4035 §3.1.4.1).
  init?(_ name: borrowing QuestionName, in snapshot: Snapshot, aboveApex: Bool = false) {
    var found: (zone: Int, label: Int)?
    var hash = NameHash.seed(0)
    let deepest = min(snapshot.policy.deepestApex, name.labelCount)
    var label = name.labelCount
    for depth in 0...deepest {
      if depth > 0 {
        label -= 1
        hash = NameHash.adding(label: label, of: name, to: hash)
      }
      if aboveApex && label == 0 { break }
      if let index = snapshot.policy.apexes.find(name, labels: label, to: name.labelCount, hash: hash, space: 0) {
        found = (Int(snapshot.policy.apexZones[index]), label)
      }
    }
    guard let found else { return nil }
    (zone, apexLabel) = found
  }

  /// What stands at a name of the zone.
  func find(_ name: borrowing QuestionName, in snapshot: Snapshot) -> Match {
    let exact = node(name, in: snapshot)
    let index = exact ?? closestEncloser(name, in: snapshot)
    let node = snapshot.policy.nodes[index]
    if node.cut != Node.none { return .delegated(cut: Int(node.cut)) }
    // The owner of a DNAME is not redirected itself (RFC 6672 §2.3).
    if node.redirect != Node.none, exact == nil || node.redirect != UInt32(index) {
      return .redirected(node: Int(node.redirect))
    }
    if let exact { return .exact(node: exact) }
    return node.wildcard == Node.none ? .absent : .wildcard(node: Int(node.wildcard))
  }

  /// Whether the zone's apex has a DNAME.
  func isRedirected(in snapshot: Snapshot) -> Bool {
    snapshot.policy.nodes[Int(snapshot.policy.zones[zone].apexNode)].redirect != Node.none
  }

  /// The label at which a node above a name starts in it.
  func label(of node: Int, in snapshot: Snapshot) -> Int {
    apexLabel - Int(snapshot.policy.nodes[node].depth)
  }

  /// The node of a name, delegated or not; nil if there is none.
  func node(_ name: borrowing QuestionName, in snapshot: Snapshot) -> Int? {
    let space = UInt32(zone)
    let hash = hash(name, space: space)
    return snapshot.policy.names.find(name, labels: 0, to: apexLabel, hash: hash, space: space)
  }

  private func hash(_ name: borrowing QuestionName, space: UInt32) -> UInt64 {
    var hash = NameHash.seed(space)
    var label = apexLabel
    while label > 0 {
      label -= 1
      hash = NameHash.adding(label: label, of: name, to: hash)
    }
    return hash
  }

  /// The deepest existing ancestor: every ancestor of a node is a node, so the first gap ends the walk.
  private func closestEncloser(_ name: borrowing QuestionName, in snapshot: Snapshot) -> Int {
    let space = UInt32(zone)
    var hash = NameHash.seed(space)
    var encloser = Int(snapshot.policy.zones[zone].apexNode)
    var label = apexLabel
    while label > 0 {
      label -= 1
      hash = NameHash.adding(label: label, of: name, to: hash)
      guard let node = snapshot.policy.names.find(name, labels: label, to: apexLabel, hash: hash, space: space) else {
        break
      }
      encloser = node
    }
    return encloser
  }
}
