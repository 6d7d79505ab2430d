import DNSWire

/// Reads a master file and those it includes to records and faults, without checks of the zone as a whole.
struct MasterFileReader {
  private(set) var records: [ZoneRecord] = []
  private(set) var faults: [ZoneFault] = []

  private let path: String
  private let paths: IncludePath
  private let limits: ZoneFileLimits
  private var state: ParserState
  private var totalSize = 0
  private var hasGivenUp = false

  init(path: String, origin: DomainName, limits: ZoneFileLimits) {
    self.path = path
    self.limits = limits
    paths = IncludePath(masterFile: path)
    state = ParserState(origin: origin)
  }

  /// Reads the master file and all that it includes, until the end or the most faults allowed.
  mutating func readMasterFile(_ read: (String) -> [UInt8]?) {
    do {
      readEntries(try content(path, .unreadable, read), file: path, depth: 0, read)
    } catch {
      faults.append(ZoneFault(code: error.code, file: path, line: 1, message: error.message))
    }
  }

  private mutating func content(
    _ path: String, _ code: ZoneFaultCode, _ read: (String) -> [UInt8]?
  ) throws(EntryFault) -> [UInt8] {
    guard let octets = read(path) else { throw EntryFault("\(path) cannot be read", code: code) }
    guard octets.count <= limits.maximumFileSize else {
      throw EntryFault("\(path) is larger than \(limits.maximumFileSize) octets", code: code)
    }
    totalSize += octets.count
    guard totalSize <= limits.maximumTotalSize else {
      hasGivenUp = true
      throw EntryFault(
        "the zone's files are larger than \(limits.maximumTotalSize) octets together", code: code)
    }
    return octets
  }

  private mutating func readEntries(
    _ octets: [UInt8], file: String, depth: Int, _ read: (String) -> [UInt8]?
  ) {
    var scanner = EntryScanner(octets, maximumEntrySize: limits.maximumEntrySize)
    while !hasGivenUp {
      do {
        guard let entry = try scanner.next() else { return }
        try take(entry, file: file, depth: depth, read)
      } catch {
        let text = scanner.entryText
        faults.append(
          ZoneFault(
            code: error.code, file: file, line: scanner.entryLine, message: "\(error.message) — in: \(text)"))
        if faults.count >= limits.maximumFaults { hasGivenUp = true }
      }
    }
  }

  private mutating func take(
    _ entry: Entry, file: String, depth: Int, _ read: (String) -> [UInt8]?
  ) throws(EntryFault) {
    guard let first = entry.tokens.first, !first.isQuoted, first.text.first == UInt8(ascii: "$") else {
      let record = try state.record(entry)
      guard records.count < limits.maximumRecords else {
        hasGivenUp = true
        throw EntryFault("the zone has more than \(limits.maximumRecords) records", code: .unreadable)
      }
      records.append(ZoneRecord(record: record, file: file, line: entry.line))
      return
    }
    guard !entry.startsWithBlank else { throw EntryFault("a directive starts at the line's first column") }
    let values = entry.tokens.dropFirst()
    switch first.string.uppercased() {
    case "$ORIGIN":
      state.origin = try only(values, "$ORIGIN takes a name").name(relativeTo: state.origin)
    case "$TTL":
      state.defaultTTL = try only(values, "$TTL takes a time").seconds(
        upTo: UInt64(ResourceRecord.maximumTTL))
    case "$INCLUDE":
      try include(values, file: file, depth: depth, read)
    default:
      throw EntryFault("\(excerpt(first.text)) is not a directive; there are $ORIGIN, $TTL and $INCLUDE")
    }
  }

  private func only(_ tokens: ArraySlice<Token>, _ message: String) throws(EntryFault) -> Token {
    guard let token = tokens.first, tokens.count == 1 else { throw EntryFault("\(message) and nothing else") }
    return token
  }

  private mutating func include(
    _ values: ArraySlice<Token>, file: String, depth: Int, _ read: (String) -> [UInt8]?
  ) throws(EntryFault) {
    guard let name = values.first, values.count <= 2 else {
      throw EntryFault("$INCLUDE takes a file and, if wanted, an origin", code: .include)
    }
    let octets = try name.characterString()
    guard !octets.contains(0) else { throw EntryFault("the file's path holds a zero octet", code: .include) }
    let target = try paths.resolve(String(decoding: octets, as: UTF8.self), from: file)
    guard depth < limits.maximumIncludeDepth else {
      throw EntryFault(
        "files are included more than \(limits.maximumIncludeDepth) deep; does \(target) include itself?",
        code: .include)
    }
    let (origin, owner) = (state.origin, state.previousOwner)
    if let newOrigin = values.dropFirst().first { state.origin = try newOrigin.name(relativeTo: origin) }
    // RFC 1035 §5.1: an included file never changes the origin of the file that includes it.
    defer { (state.origin, state.previousOwner) = (origin, owner) }
    readEntries(try content(target, .include, read), file: target, depth: depth + 1, read)
  }
}
