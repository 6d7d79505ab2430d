internal import CLDNS
import DNSWire

/// Converts the words of an entry behind its type to RDATA in wire format.
///
/// libldns gives each type's fields and converts them one by one. Numbers, names, strings, type lists and Base64 are
/// Steer's own, because libldns reduces numbers modulo their size, takes `@.example.` for `@`, writes past its list
/// of types, and counts Base64 in 16 bits. So are the types that have a ``RecordForm``.
struct RDataParser {
  let type: RecordType
  /// What relative names are relative to.
  let origin: DomainName

  private static let maximumLength = 65_535

  /// The RDATA of `tokens`, at most 65,535 octets.
  func rdata(_ tokens: ArraySlice<Token>) throws(EntryFault) -> [UInt8] {
    let octets = try convert(tokens)
    try requireConsistency(of: octets)
    return octets
  }

  private func convert(_ tokens: ArraySlice<Token>) throws(EntryFault) -> [UInt8] {
    if let first = tokens.first, !first.isQuoted, first.text.elementsEqual("\\#".utf8) {
      return try generic(tokens.dropFirst())
    }
    if let form = type.ownForm {
      var words = DataWords(tokens, of: type, origin: origin)
      let octets = try form.octets(&words)
      try requireNothing(words.rest)
      guard octets.count <= Self.maximumLength else { throw Self.tooLong }
      return octets
    }
    guard let layout = RecordLayout(type) else {
      throw EntryFault("\(type) has no form in text; write its data as \\# LENGTH HEX (RFC 3597)")
    }
    var octets: [UInt8] = []
    var rest = tokens
    var index = 0
    while index < layout.maximum, let token = rest.popFirst() {
      let kind = layout.field(index)
      if index + 1 == layout.maximum, let separator = Self.separators[kind.rawValue] {
        octets += try joined([token] + rest, by: separator, kind)
        rest = []
      } else {
        octets += try field(token, kind)
      }
      guard octets.count <= Self.maximumLength else { throw Self.tooLong }
      index += 1
    }
    guard index >= layout.minimum else {
      throw EntryFault("\(type) takes \(layout.minimum) values, \(index) are there")
    }
    try requireNothing(rest)
    return octets
  }

  private func requireNothing(_ rest: ArraySlice<Token>) throws(EntryFault) {
    guard let superfluous = rest.first else { return }
    throw EntryFault(
      "\"\(excerpt(superfluous.text))\" is more than \(type) takes; start a comment with \";\"")
  }

  private static let tooLong = EntryFault("the data is longer than 65535 octets")

  /// The kinds of field that, when they come last, run over several words, and what joins those for libldns.
  private static let separators: [UInt32: String] = [
    LDNS_RDF_TYPE_HEX.rawValue: "", LDNS_RDF_TYPE_B64.rawValue: "", LDNS_RDF_TYPE_NSEC.rawValue: " ",
    LDNS_RDF_TYPE_SVCPARAMS.rawValue: " ",
  ]

  private func joined(
    _ tokens: [Token], by separator: String, _ kind: ldns_rdf_type
  ) throws(EntryFault) -> [UInt8] {
    guard !tokens.contains(where: \.isQuoted) else { throw EntryFault("\(type) takes no quoted string here") }
    if kind == LDNS_RDF_TYPE_NSEC { return try typeBitmap(tokens) }
    let text = Array(tokens.map(\.text).joined(separator: Array(separator.utf8)))
    guard text.count <= 2 * Self.maximumLength else { throw Self.tooLong }
    switch kind {
    case LDNS_RDF_TYPE_SVCPARAMS:
      return try SvcParams.octets(tokens, text: text)
    case LDNS_RDF_TYPE_B64:
      guard let octets = base64(text) else { throw EntryFault("\"\(excerpt(text))\" is not Base64") }
      return octets
    default:
      return try hex(text)
    }
  }

  private func field(_ token: Token, _ kind: ldns_rdf_type) throws(EntryFault) -> [UInt8] {
    switch kind {
    case LDNS_RDF_TYPE_STR:
      let string = try token.characterString()
      guard let length = UInt8(exactly: string.count) else {
        throw EntryFault("a string is longer than 255 octets; split it into several quoted strings")
      }
      return [length] + string
    case LDNS_RDF_TYPE_LONG_STR:
      return try token.characterString()
    default:
      guard !token.isQuoted else { throw EntryFault("\(type) takes no quoted string here") }
    }
    switch kind {
    case LDNS_RDF_TYPE_DNAME: return try token.name(relativeTo: origin).wire
    case LDNS_RDF_TYPE_INT8: return try bigEndian(token, UInt8.self)
    case LDNS_RDF_TYPE_INT16: return try bigEndian(token, UInt16.self)
    case LDNS_RDF_TYPE_INT32: return try bigEndian(token, UInt32.self)
    case LDNS_RDF_TYPE_PERIOD: return try token.seconds(upTo: 0xFFFF_FFFF).bigEndianOctets
    case LDNS_RDF_TYPE_TYPE: return try RecordType(masterFile: token).rawValue.bigEndianOctets
    case LDNS_RDF_TYPE_ALG, LDNS_RDF_TYPE_CERTIFICATE_USAGE, LDNS_RDF_TYPE_SELECTOR,
      LDNS_RDF_TYPE_MATCHING_TYPE:
      if token.text.first?.isASCIIDigit == true { return try bigEndian(token, UInt8.self) }
    case LDNS_RDF_TYPE_CERT_ALG:
      if token.text.first?.isASCIIDigit == true { return try bigEndian(token, UInt16.self) }
    case LDNS_RDF_TYPE_TIME:
      if token.text.count != 14 { return try bigEndian(token, UInt32.self) }
    case LDNS_RDF_TYPE_NSEC3_SALT:
      // libldns lets 256 octets through and then writes a length of zero.
      guard token.text.count <= 510 else { throw EntryFault("the salt is longer than 255 octets") }
    default: break
    }
    return try LDNSField(kind, token.text).octets
  }

  /// RDATA in the form of RFC 3597 §5, `\# LENGTH HEX`; that of a type libldns knows must have its fields.
  private func generic(_ tokens: ArraySlice<Token>) throws(EntryFault) -> [UInt8] {
    guard let length = tokens.first?.number(upTo: UInt64(Self.maximumLength)) else {
      throw EntryFault("\\# takes the length of the data in octets, 0–65535, and the data in hexadecimal")
    }
    let octets = try hex(Array(tokens.dropFirst().map(\.text).joined()))
    guard octets.count == length else {
      throw EntryFault("\\# says \(length) octets, \(octets.count) are there")
    }
    if let form = type.ownForm {
      guard form.isValid(octets) else { throw EntryFault("the data is not that of \(type)") }
      return octets
    }
    guard let layout = RecordLayout(type) else { return octets }
    // Owner ".", class IN, TTL 0.
    let header = [0] + type.rawValue.bigEndianOctets + [0, 1, 0, 0, 0, 0] + UInt16(octets.count).bigEndianOctets
    var record = try LDNSRecord(wire: header + octets)
    guard record.length == header.count + octets.count, record.fieldCount >= layout.minimum,
      record.rdata == octets,
      record.fields.enumerated().allSatisfy({ index, field in Self.isSound(field, layout.field(index)) })
    else {
      throw EntryFault("the data is not that of \(type)")
    }
    record.makeCanonical()
    return record.rdata
  }

  /// Whether a field is what its kind says, as far as libldns reads such fields without looking into them.
  private static func isSound(_ field: [UInt8], _ kind: ldns_rdf_type) -> Bool {
    switch kind {
    case LDNS_RDF_TYPE_NSEC: isTypeBitmap(field)
    case LDNS_RDF_TYPE_SVCPARAMS: SvcParams.isValid(field)
    case LDNS_RDF_TYPE_TAG:
      field.count > 1 && field.dropFirst().allSatisfy { $0.isASCIIDigit || $0.asciiLowercased.isASCIILowercaseLetter }
    default: true
    }
  }

  private func hex(_ text: [UInt8]) throws(EntryFault) -> [UInt8] {
    guard let octets = hexadecimal(text) else {
      throw EntryFault("\"\(excerpt(text))\" is not hexadecimal octets")
    }
    return octets
  }

  /// The type bitmap of NSEC, NSEC3 and CSYNC (RFC 4034 §4.1.2).
  private func typeBitmap(_ tokens: [Token]) throws(EntryFault) -> [UInt8] {
    var windows: [UInt8: [UInt8]] = [:]
    for token in tokens {
      let number = try RecordType(masterFile: token).rawValue
      let (octet, bit) = (Int(number & 0xFF) / 8, number & 7)
      var bits = windows[UInt8(number >> 8), default: []]
      if bits.count <= octet { bits += [UInt8](repeating: 0, count: octet + 1 - bits.count) }
      bits[octet] |= 0x80 >> UInt8(bit)
      windows[UInt8(number >> 8)] = bits
    }
    return windows.sorted { $0.key < $1.key }.flatMap { [$0.key, UInt8($0.value.count)] + $0.value }
  }

  /// Whether the windows of a type bitmap increase and have no zero octets at their end (RFC 4034 §4.1.2).
  private static func isTypeBitmap(_ octets: [UInt8]) -> Bool {
    var data = OctetReader(octets)
    var previous = -1
    while let window = data.octet() {
      guard Int(window) > previous, let length = data.octet(), (1...32).contains(length),
        let bits = data.take(Int(length)), bits.last != 0
      else { return false }
      previous = Int(window)
    }
    return true
  }

  private func bigEndian<Number: FixedWidthInteger & UnsignedInteger>(
    _ token: Token, _: Number.Type
  ) throws(EntryFault) -> [UInt8] {
    guard let number = token.number(upTo: UInt64(Number.max)) else {
      throw EntryFault("\"\(excerpt(token.text))\" is not a number from 0 to \(Number.max)")
    }
    return Number(number).bigEndianOctets
  }
}
