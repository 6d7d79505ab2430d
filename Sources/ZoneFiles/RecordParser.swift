import DNSWire

/// What a master file's entries leave behind for those after them.
struct ParserState {
  /// What relative names are relative to.
  var origin: DomainName
  /// The owner of the record before, which blanks at the start of an entry stand for.
  var previousOwner: DomainName?
  /// The TTL that `$TTL` set (RFC 2308 §4).
  var defaultTTL: UInt32?
  /// The TTL that the last record stated; without `$TTL` it holds for those that state none (RFC 1035 §5.1).
  var lastTTL: UInt32?
}

extension ParserState {
  /// The TTL of a record without one where nothing before says any: libldns's.
  static let fallbackTTL: UInt32 = 3_600

  /// The record of an entry: `[owner] [TTL] [class] type rdata`, TTL and class in either order.
  mutating func record(_ entry: Entry) throws(EntryFault) -> ResourceRecord {
    var tokens = entry.tokens[...]
    let owner = try owner(entry, &tokens)
    var ttl: UInt32?
    var hasClass = false
    while let token = tokens.first, !token.isQuoted {
      if ttl == nil, token.text.first?.isASCIIDigit == true {
        ttl = try token.seconds(upTo: UInt64(ResourceRecord.maximumTTL))
      } else if !hasClass, try Self.isClass(token) {
        hasClass = true
      } else {
        break
      }
      tokens.removeFirst()
    }
    guard let typeToken = tokens.popFirst() else { throw EntryFault("a type and its data are missing") }
    let type = try RecordType(masterFile: typeToken)
    // Known before the data, so that a fault there does not change the records after it.
    if let ttl { lastTTL = ttl }
    let rdata = try RDataParser(type: type, origin: origin).rdata(tokens)
    if type == .soa, ttl == nil, defaultTTL == nil, lastTTL == nil {
      // The SOA's MINIMUM was the zone's default before there was $TTL.
      lastTTL = min(rdata.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }, ResourceRecord.maximumTTL)
    }
    return ResourceRecord(
      owner: owner, type: type, ttl: ttl ?? defaultTTL ?? lastTTL ?? Self.fallbackTTL, rdata: rdata)
  }

  private mutating func owner(
    _ entry: Entry, _ tokens: inout ArraySlice<Token>
  ) throws(EntryFault) -> DomainName {
    if entry.startsWithBlank {
      guard let previousOwner else {
        throw EntryFault("no record before gives an owner; write @ for the origin")
      }
      return previousOwner
    }
    guard let token = tokens.popFirst() else { throw EntryFault("an owner is missing") }
    let owner = try token.name(relativeTo: origin)
    previousOwner = owner
    return owner
  }

  /// Whether a word is class IN; throws for every other class.
  private static func isClass(_ token: Token) throws(EntryFault) -> Bool {
    let name = token.string.uppercased()
    switch name {
    case "IN", "CLASS1": return true
    case "CS", "CH", "HS", "NONE": break
    default:
      guard name.hasPrefix("CLASS"), name.utf8.dropFirst(5).first?.isASCIIDigit == true else { return false }
    }
    throw EntryFault("class \(excerpt(token.text)) is not served; write IN", code: .recordClass)
  }
}

extension Token {
  /// The name of the word: absolute with a final dot, otherwise below `origin`, which `@` stands for.
  func name(relativeTo origin: DomainName) throws(EntryFault) -> DomainName {
    guard !isQuoted else { throw EntryFault("a name stands in quotation marks: \"\(excerpt(text))\"") }
    if text.elementsEqual([UInt8(ascii: "@")]) { return origin }
    do {
      let name = try DomainName(string)
      if isAbsolute { return name }
      return try DomainName(wire: name.wire.dropLast() + origin.wire)
    } catch {
      throw EntryFault("\"\(excerpt(text))\" is not a name: \(error)")
    }
  }

  /// Whether the word ends in a dot that no backslash escapes.
  private var isAbsolute: Bool {
    guard text.last == UInt8(ascii: ".") else { return false }
    return text.dropLast().reversed().prefix { $0 == UInt8(ascii: "\\") }.count.isMultiple(of: 2)
  }
}
