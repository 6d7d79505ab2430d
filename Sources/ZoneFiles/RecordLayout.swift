internal import CLDNS
import DNSWire

/// The fields of a type's RDATA, as libldns knows them.
@safe
struct RecordLayout {
  /// The least fields a record has.
  let minimum: Int
  /// The most fields a record has; `Int.max` where the last repeats, as in TXT.
  let maximum: Int
  private let descriptor: UnsafePointer<ldns_rr_descriptor>

  /// The layout of a type; nil when libldns does not know it.
  init?(_ type: RecordType) {
    guard let descriptor = unsafe ldns_rr_descript(type.rawValue), unsafe descriptor.pointee._name != nil
    else { return nil }
    unsafe self.descriptor = descriptor
    minimum = unsafe ldns_rr_descriptor_minimum(descriptor)
    maximum =
      unsafe descriptor.pointee._variable == LDNS_RDF_TYPE_NONE
      ? ldns_rr_descriptor_maximum(descriptor) : .max
  }

  /// The kind of the field at `index`, counted from 0.
  func field(_ index: Int) -> ldns_rdf_type { unsafe ldns_rr_descriptor_field_type(descriptor, index) }
}

extension RecordType {
  /// Reads a type that a master file may hold: a mnemonic that libldns or Steer knows, or `TYPEn`.
  ///
  /// Types that only stand in queries or in one message are refused (RFC 6895 §3.1: 128–255, OPT and 0).
  init(masterFile token: Token) throws(EntryFault) {
    let name = token.string.uppercased()
    let type: RecordType
    if name.hasPrefix("TYPE"), name.utf8.dropFirst(4).first?.isASCIIDigit == true {
      // libldns would reduce the number modulo 65536.
      guard let number = UInt16(name.dropFirst(4)) else {
        throw EntryFault("\"\(excerpt(token.text))\" is not a type; TYPEn ends at TYPE65535")
      }
      type = RecordType(rawValue: number)
    } else {
      let known = token.isQuoted ? 0 : unsafe ldns_get_rr_type_by_name(name).rawValue
      // Not every build of libldns knows AMTRELAY.
      let own = known == 0 && !token.isQuoted ? RecordType(name) : nil
      guard let number = own?.rawValue ?? UInt16(exactly: known), number != 0 else {
        throw EntryFault(
          "\"\(excerpt(token.text))\" is not a record type; write one without a mnemonic as TYPEn")
      }
      type = RecordType(rawValue: number)
    }
    guard type.rawValue != 0, type != .opt, !(128...255).contains(type.rawValue) else {
      throw EntryFault("\(name) is not a type that a zone can hold")
    }
    self = type
  }
}
