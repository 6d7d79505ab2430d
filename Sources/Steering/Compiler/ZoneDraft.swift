import DNSWire
import SteeringPolicy

/// One zone as it is built: its names as a tree, parents before children, with the records at each.
struct ZoneDraft {
  /// A name, empty non-terminals included.
  struct Name {
    /// The name relative to the apex, in wire format without the root.
    var labels: ArraySlice<UInt8>
    /// The index of the parent; the apex's own for the apex.
    var parent: Int
    /// The records at the name, by type; types in the order in which they came.
    var records: [(type: RecordType, records: [StaticRecord])] = []
    /// The node to be; its indexes are relative to the zone until it is encoded.
    var node = Node()
  }

  /// The zone's apex.
  let apex: DomainName
  /// The names; the apex is the first.
  var names: [Name]
  private var indexes: [DomainName: Int]

  /// A zone of nothing but its apex.
  init(apex: DomainName) {
    self.apex = apex
    names = [Name(labels: [], parent: 0)]
    names[0].node.isAlwaysVisible = true
    indexes = [apex: 0]
  }

  /// The index of a name at or below the apex; it and the names between are added if they are new.
  mutating func index(of name: DomainName) -> Int {
    if let index = indexes[name] { return index }
    let parent = name.parent.map { self.index(of: $0) } ?? 0
    let index = names.count
    var added = Name(labels: name.wire.prefix(name.wire.count - apex.wire.count), parent: parent)
    // At most 127 labels fit a name.
    added.node.depth = names[parent].node.depth &+ 1
    names.append(added)
    indexes[name] = index
    names[parent].node.hasDescendants = true
    if name.isWildcard { names[parent].node.wildcard = UInt32(index) }
    return index
  }

  /// Adds a record at its owner.
  mutating func add(_ record: StaticRecord) {
    let index = index(of: record.record.owner)
    let type = record.record.type
    if let place = names[index].records.firstIndex(where: { $0.type == type }) {
      names[index].records[place].records.append(record)
    } else {
      names[index].records.append((type, [record]))
    }
  }

  /// The records of a type at a name.
  func records(at index: Int, _ type: RecordType) -> [StaticRecord] {
    names[index].records.first { $0.type == type }?.records ?? []
  }

  /// Marks each name that lies at or below a delegation point or a DNAME with it; the uppermost counts.
  ///
  /// At one name a delegation comes first: below it the zone has nothing to say.
  mutating func markCuts() {
    for index in names.indices {
      let above = names[names[index].parent].node
      let isCut = index > 0 && above.redirect == Node.none && names[index].records.contains { $0.type == .ns }
      let isRedirect = above.cut == Node.none && names[index].records.contains { $0.type == .dname }
      names[index].node.cut = above.cut == Node.none && isCut ? UInt32(index) : above.cut
      names[index].node.redirect = above.redirect == Node.none && isRedirect ? UInt32(index) : above.redirect
    }
  }

  /// The name that answers for `name`: itself, or the wildcard that covers it; nil if there is neither.
  ///
  /// A name below a delegation is found if it has glue, a wildcard's too; below a DNAME nothing is.
  func match(_ name: DomainName) -> Int? {
    guard name.isAtOrBelow(apex) else { return nil }
    if let index = indexes[name] {
      let redirect = names[index].node.redirect
      return redirect == Node.none || redirect == UInt32(index) ? index : nil
    }
    var ancestor = name.parent
    while let next = ancestor {
      if let encloser = indexes[next] {
        let node = names[encloser].node
        return node.redirect == Node.none && node.wildcard != Node.none ? Int(node.wildcard) : nil
      }
      ancestor = next.parent
    }
    return nil
  }

  /// Appends the zone's names and RRsets; indexes become those of the whole snapshot.
  func encode(to compiled: inout CompiledPolicy) {
    let space = UInt32(compiled.zones.count)
    let base = UInt32(compiled.nodes.count)
    for name in names {
      _ = compiled.names.insert(name.labels, space: space)
      var node = name.node
      if node.wildcard != Node.none { node.wildcard += base }
      if node.cut != Node.none { node.cut += base }
      if node.redirect != Node.none { node.redirect += base }
      let first = UInt32(compiled.rrsets.count)
      for (type, records) in name.records {
        let encoded = records.map { RecordEncoder.encode(type, ttl: $0.record.ttl, rdata: $0.record.rdata) }
        var rrset = RecordEncoder.addRRset(type, encoded, to: &compiled)
        rrset.additional = addAdditional(records, base: base, to: &compiled)
        compiled.rrsets.append(rrset)
      }
      node.rrsets = first..<UInt32(compiled.rrsets.count)
      compiled.nodes.append(node)
    }
  }
}
