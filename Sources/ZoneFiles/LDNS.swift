internal import CLDNS

/// The owner of one `ldns_rdf`: a field of RDATA in wire format.
@safe
struct LDNSField: ~Copyable {
  private let pointer: UnsafeMutablePointer<ldns_rdf>

  /// Converts text, which must not hold a zero octet, to a field; throws libldns's words for what is wrong.
  init(_ kind: ldns_rdf_type, _ text: some Collection<UInt8>) throws(EntryFault) {
    var field: UnsafeMutablePointer<ldns_rdf>?
    // Some conversions write into the text they are given, const or not: they get a copy of their own.
    var copy = text.map { CChar(bitPattern: $0) } + [0]
    let status = unsafe copy.withUnsafeMutableBufferPointer { buffer in
      unsafe Self.convert(kind, &field, UnsafePointer(buffer.baseAddress))
    }
    guard status != LDNS_STATUS_NOT_IMPL else {
      throw EntryFault("the type's data is not read as text; write it as \\# LENGTH HEX (RFC 3597)")
    }
    guard status == LDNS_STATUS_OK, let field = unsafe field else {
      throw EntryFault("\(ldnsMessage(status)): \"\(excerpt(text))\"")
    }
    unsafe pointer = field
  }

  /// The conversions of libldns that hold for any text, or for text that the caller has looked at.
  private static func convert(
    _ kind: ldns_rdf_type, _ field: inout UnsafeMutablePointer<ldns_rdf>?, _ text: UnsafePointer<CChar>?
  ) -> ldns_status {
    switch kind {
    case LDNS_RDF_TYPE_A: unsafe ldns_str2rdf_a(&field, text)
    case LDNS_RDF_TYPE_AAAA: unsafe ldns_str2rdf_aaaa(&field, text)
    case LDNS_RDF_TYPE_ALG: unsafe ldns_str2rdf_alg(&field, text)
    case LDNS_RDF_TYPE_CERT_ALG: unsafe ldns_str2rdf_cert_alg(&field, text)
    case LDNS_RDF_TYPE_TIME: unsafe ldns_str2rdf_time(&field, text)
    case LDNS_RDF_TYPE_NSEC3_SALT: unsafe ldns_str2rdf_nsec3_salt(&field, text)
    case LDNS_RDF_TYPE_NSEC3_NEXT_OWNER: unsafe ldns_str2rdf_b32_ext(&field, text)
    case LDNS_RDF_TYPE_EUI48: unsafe ldns_str2rdf_eui48(&field, text)
    case LDNS_RDF_TYPE_EUI64: unsafe ldns_str2rdf_eui64(&field, text)
    case LDNS_RDF_TYPE_ILNP64: unsafe ldns_str2rdf_ilnp64(&field, text)
    case LDNS_RDF_TYPE_TAG: unsafe ldns_str2rdf_tag(&field, text)
    case LDNS_RDF_TYPE_CERTIFICATE_USAGE: unsafe ldns_str2rdf_certificate_usage(&field, text)
    case LDNS_RDF_TYPE_SELECTOR: unsafe ldns_str2rdf_selector(&field, text)
    case LDNS_RDF_TYPE_MATCHING_TYPE: unsafe ldns_str2rdf_matching_type(&field, text)
    case LDNS_RDF_TYPE_SVCPARAMS: unsafe ldns_str2rdf_svcparams(&field, text)
    default: LDNS_STATUS_NOT_IMPL
    }
  }

  deinit { unsafe ldns_rdf_deep_free(pointer) }

  /// The field's octets in wire format.
  var octets: [UInt8] { unsafe fieldOctets(pointer) }
}

/// The owner of one `ldns_rr`: a record read from wire format.
@safe
struct LDNSRecord: ~Copyable {
  private let pointer: UnsafeMutablePointer<ldns_rr>
  /// How many octets of the wire format were read.
  let length: Int

  /// Reads the record that `wire` starts with: owner, type, class, TTL, RDLENGTH, RDATA.
  init(wire: [UInt8]) throws(EntryFault) {
    var record: UnsafeMutablePointer<ldns_rr>?
    var position = 0
    let status = unsafe ldns_wire2rr(&record, wire, wire.count, &position, LDNS_SECTION_ANSWER)
    guard status == LDNS_STATUS_OK, let record = unsafe record else { throw EntryFault(ldnsMessage(status)) }
    unsafe pointer = record
    length = position
  }

  deinit { unsafe ldns_rr_free(pointer) }

  /// How many fields the RDATA has.
  var fieldCount: Int { unsafe ldns_rr_rd_count(pointer) }

  /// The octets of each field of the RDATA.
  var fields: [[UInt8]] {
    (0..<fieldCount).map { index in unsafe ldns_rr_rdf(pointer, index).map { unsafe fieldOctets($0) } ?? [] }
  }

  /// The RDATA in wire format, names uncompressed.
  var rdata: [UInt8] { Array(fields.joined()) }

  /// Makes the letters of names in the RDATA small where that is canonical form (RFC 4034 §6.2).
  mutating func makeCanonical() { unsafe ldns_rr2canonical(pointer) }
}

private func fieldOctets(_ field: UnsafePointer<ldns_rdf>) -> [UInt8] {
  // A field of no octets has no data pointer.
  guard let data = unsafe ldns_rdf_data(field) else { return [] }
  return unsafe Array(UnsafeBufferPointer(start: data, count: ldns_rdf_size(field)))
}

/// libldns's words for a status.
func ldnsMessage(_ status: ldns_status) -> String {
  guard let text = unsafe ldns_get_errorstr_by_id(status) else { return "libldns status \(status.rawValue)" }
  return unsafe String(cString: text)
}
