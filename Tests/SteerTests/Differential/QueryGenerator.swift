import DNSWire
import TestSupport

/// Makes questions about a zone: what is there, what is beside, above and below, and what is not there.
struct QueryGenerator {
  private let apex: GeneratedName
  private let child: GeneratedName?
  private let records: [GeneratedZone.Record]
  private var random: SeededGenerator

  /// Questions about records of a zone, and about a zone below it.
  init(apex: GeneratedName, child: GeneratedName?, records: [GeneratedZone.Record], random: SeededGenerator) {
    self.apex = apex
    self.child = child
    self.records = records
    self.random = random
  }

  /// The next question.
  mutating func next(id: UInt16) -> WireQuery {
    let record = pick(records)
    let name = name(near: record)
    var query = WireQuery(id: id, labels: name.labels, type(near: record))
    if chance(30) { query.labels = query.labels.map { label in label.map { swappingCase($0) } } }
    switch number(in: 1...10) {
    case ...2: query.edns = nil
    case 3: query.edns?.payloadSize = 512
    case 4: query.edns?.payloadSize = 4096
    case 5: query.edns?.dnssecOK = true
    default: break
    }
    return query
  }

  /// A name in the zone that has to do with a record.
  private mutating func name(near record: GeneratedZone.Record) -> GeneratedName {
    if let child, chance(15) { return chance(50) ? child : child.child(label()) }
    var name = record.owner
    switch number(in: 1...20) {
    case ...7: break
    case ...9: if let target = record.target { name = target }
    case ...11: name = name.parent ?? name
    case ...14: name = name.child(label())
    case ...16: name = name.child(label()).child(label())
    case 17: name = (name.parent ?? name).child(label())
    case 18: name = apex.child(label()).child(label())
    case 19: name = name.child([UInt8(ascii: "*")])
    // So long that a DNAME above has no room for it.
    default: while name.size <= 180 { name = name.child(Array(repeating: 0x6C, count: number(in: 30...63))) }
    }
    // A wildcard is asked for literally at times, and else for what it stands for.
    if name.isWildcard, chance(60), let parent = name.parent { name = parent.child(label()) }
    let isAsked = name.isAtOrBelow(apex) && name.size <= 255
    return isAsked ? name : record.owner
  }

  private mutating func type(near record: GeneratedZone.Record) -> RecordType {
    let own = RecordType(record.type)
    if chance(3) { return .any }
    if let own, chance(45) { return own }
    let types: [RecordType] = [
      .a, .aaaa, .txt, .mx, .ns, .soa, .cname, .dname, .ds, .srv, .ptr, .https, .svcb, RecordType(rawValue: 65_280),
    ]
    return pick(types)
  }

  private mutating func label() -> [UInt8] {
    if chance(5) { return pick([[0], [0x2E], [0xFF, 0x80]]) }
    return Array(pick(["a", "b", "c", "d", "www", "ns1", "_tcp", "nothing"]).utf8)
  }

  private mutating func swappingCase(_ octet: UInt8) -> UInt8 {
    let isLetter = UInt8(ascii: "a")...UInt8(ascii: "z") ~= octet | 0x20
    return isLetter && chance(50) ? octet ^ 0x20 : octet
  }

  private mutating func number(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  private mutating func chance(_ percent: Int) -> Bool { number(in: 1...100) <= percent }

  private mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[number(in: 0...elements.count - 1)]
  }
}
