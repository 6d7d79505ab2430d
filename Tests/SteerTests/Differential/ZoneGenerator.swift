import TestSupport

/// Makes zones of what DNS servers get wrong: wildcards, empty non-terminals, delegations, aliases, redirections.
///
/// A seed always gives the same zone. Every zone is one that NSD and Knot load: no data beside a CNAME, and none below
/// a DNAME.
struct ZoneGenerator {
  /// The serial of every zone.
  static let serial: UInt32 = 3

  /// What a name is, which decides what else it may have.
  private enum Kind {
    case data, alias, redirection, delegation
  }

  private(set) var random: SeededGenerator
  private let apex: GeneratedName
  /// The apex of a zone below, which is served too.
  private let child: GeneratedName?
  /// Whether there may be DNAMEs: NSD takes none above what a zone above has as glue.
  private let canRedirect: Bool
  private var records: [GeneratedZone.Record] = []
  /// The TTL of each RRset, and its records' data.
  private var rrsets: [GeneratedName: [String: (ttl: Int, rdata: Set<String>)]] = [:]
  /// The owner of each record.
  private var owners: [GeneratedName] = []
  private var kinds: [GeneratedName: Kind] = [:]

  private init(seed: UInt64, apex: GeneratedName, child: GeneratedName?, isChild: Bool) {
    random = SeededGenerator(seed: seed)
    self.apex = apex
    self.child = child
    canRedirect = !isChild
  }

  /// The zones of a seed, with a number of queries in all: one, or one and another that it delegates.
  static func zones(seed: UInt64, queries: Int) -> [GeneratedZone] {
    let apex = GeneratedName("z\(seed).example")
    guard seed.isMultiple(of: 4) else { return [zone(seed, apex, queries: queries)] }
    let child = apex.child("child")
    return [
      zone(seed, apex, child: child, queries: queries - queries / 2),
      zone(seed, child, isChild: true, queries: queries / 2),
    ]
  }

  private static func zone(
    _ seed: UInt64, _ apex: GeneratedName, child: GeneratedName? = nil, isChild: Bool = false, queries: Int
  ) -> GeneratedZone {
    var generator = ZoneGenerator(seed: seed, apex: apex, child: child, isChild: isChild)
    generator.addApex()
    // A redirected apex has nothing below it.
    if generator.kinds[generator.apex] != .redirection {
      if let child { generator.addDelegation(child) }
      for _ in 0..<generator.number(in: 4...28) { generator.addName() }
    }
    var questions = QueryGenerator(
      apex: generator.apex, child: generator.child, records: generator.records, random: generator.random)
    let asked = (0..<queries).map { questions.next(id: UInt16(truncatingIfNeeded: $0)) }
    return GeneratedZone(seed: seed, apex: generator.apex, records: generator.records, queries: asked)
  }
}

// What a zone is made of.
extension ZoneGenerator {
  private mutating func addApex() {
    let timers = "\(Self.serial) 3600 600 86400 \(pick([5, 300, 7200]))"
    kinds[apex] = .data
    add(apex, "SOA", "\(apex.child("ns1")) \(apex.child("admin")) \(timers)")
    for _ in 0..<number(in: 1...3) { addPointer(apex, "NS", to: chance(60) ? apex.child("ns1") : target()) }
    if chance(70) { for type in ["A", "AAAA"] where chance(60) { addData(type, at: apex.child("ns1")) } }
    if chance(40) { for _ in 0..<number(in: 1...3) { addData(dataType(), at: apex) } }
    if chance(6), canRedirect, child == nil {
      kinds = [apex: .redirection]
      records.removeAll { $0.owner != apex }
      owners = [apex]
      addPointer(apex, "DNAME", to: target())
    }
  }

  private mutating func addName() {
    let name = owner()
    // Room is left for a label more, so that every name made of this one is a name.
    guard name != apex, name.size <= 180, kinds[name] == nil, !isBelow(.redirection, name) else { return }
    if isBelow(.delegation, name) {
      // What lies in the zone below is that zone's, but for glue.
      if let child, name.isAtOrBelow(child) {
        addData(chance(50) ? "A" : "AAAA", at: name)
      } else {
        addOccluded(name)
      }
      return
    }
    switch number(in: 1...100) {
    case ...48: for _ in 0..<number(in: 1...3) { addData(dataType(), at: name) }
    case ...68:
      kinds[name] = .alias
      addPointer(name, "CNAME", to: target())
    case ...78:
      guard canRedirect, !name.isWildcard, !kinds.keys.contains(where: { $0.isAtOrBelow(name) }) else { return }
      kinds[name] = .redirection
      addPointer(name, "DNAME", to: target())
      if chance(30) { addData(dataType(), at: name) }
    default:
      guard !name.isWildcard else { return }
      addDelegation(name)
    }
  }

  /// Adds a cut, its name servers within, beside, above or outside of it, and the glue of some.
  private mutating func addDelegation(_ name: GeneratedName) {
    kinds[name] = .delegation
    for _ in 0..<number(in: 1...3) {
      let server = chance(45) ? name.child(label()) : target()
      addPointer(name, "NS", to: server)
      guard server != apex, server.isAtOrBelow(apex), kinds[server] == nil || kinds[server] == .data,
        !isBelow(.redirection, server)
      else { continue }
      for type in ["A", "AAAA"] where chance(60) { addData(type, at: server) }
    }
    if chance(30) { add(name, "DS", "\(number(in: 1...65_535)) 8 2 " + String(repeating: "ab", count: 32)) }
  }

  /// Adds what lies below a cut: glue, data that is not the zone's, or another cut.
  private mutating func addOccluded(_ name: GeneratedName) {
    switch number(in: 1...10) {
    case ...5: addData(chance(50) ? "A" : "AAAA", at: name)
    case ...7: addData(dataType(), at: name)
    default: if !name.isWildcard { addDelegation(name) }
    }
  }

  private mutating func addData(_ type: String, at owner: GeneratedName) {
    guard kinds[owner] != .alias else { return }
    if kinds[owner] == nil { kinds[owner] = .data }
    // Few records to an RRset, or so many that they truncate. Those that name hosts are few: Knot 3.2 does not come to an
    // end with dozens of them and hundreds of addresses over UDP.
    let canBeMany = ["A", "AAAA", "TXT", "TLSA", "CAA"].contains(type)
    let count = canBeMany && chance(8) ? number(in: 30...70) : number(in: 1...3)
    for _ in 0..<count { addRecord(type, at: owner) }
  }

  private mutating func addPointer(_ owner: GeneratedName, _ type: String, to target: GeneratedName) {
    add(owner, type, "\(target)", target: target)
  }

  /// Adds a record, once; the records of an RRset have one TTL.
  mutating func add(_ owner: GeneratedName, _ type: String, _ rdata: String, target: GeneratedName? = nil) {
    var rrset = rrsets[owner]?[type] ?? (pick([0, 10, 60, 3600]), [])
    guard rrset.rdata.insert(rdata).inserted else { return }
    rrsets[owner, default: [:]][type] = rrset
    owners.append(owner)
    records.append(.init(owner: owner, ttl: rrset.ttl, type: type, rdata: rdata, target: target))
  }

  private func isBelow(_ kind: Kind, _ name: GeneratedName) -> Bool {
    var ancestor = name.parent
    while let next = ancestor {
      if kinds[next] == kind { return true }
      ancestor = next.parent
    }
    return false
  }
}

// What names are made of.
extension ZoneGenerator {
  /// A name for something new: below the apex or, often, below what is there.
  private mutating func owner() -> GeneratedName {
    var name = chance(45) ? pick(owners) : apex
    for _ in 0..<pick([1, 1, 1, 2, 2, 3]) { name = name.child(label()) }
    return chance(18) ? name.child([UInt8(ascii: "*")]) : name
  }

  /// A name that records lead to: one that is there, one near it, one outside.
  mutating func target() -> GeneratedName {
    switch number(in: 1...10) {
    case ...5: return pick(owners)
    case ...7: return pick(owners).child(label())
    case 8: return apex.child(label())
    case 9: return child?.child(label()) ?? GeneratedName("host.outside.test")
    default: return pick([GeneratedName("example"), GeneratedName([]), apex])
    }
  }

  /// A label of few, so that names meet.
  private mutating func label() -> [UInt8] {
    if chance(6) {
      return pick([[0], [0x2E], [0x20, 0x5C], [0xFF, 0x80], [0x22, 0x3B, 0x28], Array(repeating: 0x78, count: 63)])
    }
    return Array(pick(["a", "b", "c", "d", "www", "ns1", "_tcp", "x-1"]).utf8)
  }

  mutating func number(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  mutating func chance(_ percent: Int) -> Bool { number(in: 1...100) <= percent }

  /// One of several; there must be one.
  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[number(in: 0...elements.count - 1)] }
}
