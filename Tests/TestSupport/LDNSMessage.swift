internal import CLDNS
import Glibc

/// A DNS message as libldns reads it: what tests hold Steer's answers against.
///
/// It shares no code with Steer's own encoder and decoder.
public struct LDNSMessage: Equatable, Sendable {
  /// The message's ID.
  public var id: UInt16
  /// The header's four bits of response code.
  public var rcode: UInt8
  /// The header's flags that are set, in the order of the header.
  public var flags: Set<Flag>
  /// The question's name in presentation format with its final dot; nil without a question.
  public var questionName: String?
  /// The question's type as a mnemonic or `TYPEn`; nil without a question.
  public var questionType: String?
  /// The records of each section as `owner ttl class type rdata`, one space between fields; without OPT.
  public var answer: [String]
  public var authority: [String]
  public var additional: [String]
  /// The EDNS part; nil without an OPT record.
  public var edns: EDNS?

  /// A flag of the header (RFC 1035 §4.1.1, RFC 4035 §3).
  public enum Flag: Sendable, CaseIterable {
    case response, authoritative, truncated, recursionDesired, recursionAvailable, authenticData
    case checkingDisabled
  }

  /// What an OPT record says (RFC 6891 §6.1).
  public struct EDNS: Equatable, Sendable {
    /// The sender's largest UDP payload in octets.
    public var udpSize: UInt16
    /// The upper eight bits of the response code.
    public var extendedRcode: UInt8
    public var version: UInt8
    /// Whether DNSSEC records are welcome.
    public var dnssecOK: Bool
    /// The options as they stand in the record: code, length and data of each.
    public var options: [UInt8]
  }

  /// The response code with its extended bits (RFC 6891 §6.1.3).
  public var fullRcode: UInt16 { UInt16(edns?.extendedRcode ?? 0) << 4 | UInt16(rcode) }
}

extension LDNSMessage {
  /// Reads a message in wire format; throws when libldns refuses it or octets are left over.
  public init(_ wire: [UInt8]) throws(LDNSMessageError) {
    let packet = try LDNSPacket(wire)
    try LDNSPacket.requireExactLength(wire)
    self = packet.message
  }
}

/// Why libldns does not read a message.
public struct LDNSMessageError: Error, Equatable, CustomStringConvertible {
  public var description: String

  /// A fault in libldns's words or the reader's own.
  public init(description: String) {
    self.description = description
  }
}

/// The owner of one `ldns_pkt`.
@safe
private struct LDNSPacket: ~Copyable {
  private let pointer: UnsafeMutablePointer<ldns_pkt>

  init(_ wire: [UInt8]) throws(LDNSMessageError) {
    var packet: UnsafeMutablePointer<ldns_pkt>?
    let status = unsafe ldns_wire2pkt(&packet, wire, wire.count)
    guard status == LDNS_STATUS_OK, let packet = unsafe packet else {
      let text = unsafe ldns_get_errorstr_by_id(status).map { unsafe String(cString: $0) }
      throw LDNSMessageError(description: text ?? "status \(status.rawValue)")
    }
    unsafe pointer = packet
  }

  deinit { unsafe ldns_pkt_free(pointer) }

  /// Throws unless the header's counts end where `wire` ends, and for several OPT records; `ldns_wire2pkt` allows
  /// both.
  static func requireExactLength(_ wire: [UInt8]) throws(LDNSMessageError) {
    var position = 12
    var optionRecords = 0
    for section in 0..<4 {
      for _ in 0..<(Int(wire[4 + 2 * section]) << 8 | Int(wire[5 + 2 * section])) {
        var record: UnsafeMutablePointer<ldns_rr>?
        let kind = section == 0 ? LDNS_SECTION_QUESTION : LDNS_SECTION_ANSWER
        guard unsafe ldns_wire2rr(&record, wire, wire.count, &position, kind) == LDNS_STATUS_OK else {
          throw LDNSMessageError(description: "a record cannot be read on its own")
        }
        if unsafe section > 0 && ldns_rr_get_type(record) == LDNS_RR_TYPE_OPT { optionRecords += 1 }
        unsafe ldns_rr_free(record)
      }
    }
    guard position == wire.count else {
      throw LDNSMessageError(description: "\(wire.count - position) octets are left over")
    }
    guard optionRecords <= 1 else { throw LDNSMessageError(description: "there are several OPT records") }
  }

  var message: LDNSMessage {
    let question = unsafe ldns_rr_list_rr(ldns_pkt_question(pointer), 0)
    return unsafe LDNSMessage(
      id: ldns_pkt_id(pointer), rcode: UInt8(truncatingIfNeeded: ldns_pkt_get_rcode(pointer).rawValue),
      flags: flags, questionName: question.map { unsafe text(ldns_rdf2str(ldns_rr_owner($0))) },
      questionType: question.map { unsafe text(ldns_rr_type2str(ldns_rr_get_type($0))) },
      answer: lines(ldns_pkt_answer(pointer)), authority: lines(ldns_pkt_authority(pointer)),
      additional: lines(ldns_pkt_additional(pointer)) + (ldns_pkt_tsig(pointer).map { unsafe [line($0)] } ?? []),
      edns: edns)
  }

  private var flags: Set<LDNSMessage.Flag> {
    var flags: Set<LDNSMessage.Flag> = []
    if unsafe ldns_pkt_qr(pointer) != 0 { flags.insert(.response) }
    if unsafe ldns_pkt_aa(pointer) != 0 { flags.insert(.authoritative) }
    if unsafe ldns_pkt_tc(pointer) != 0 { flags.insert(.truncated) }
    if unsafe ldns_pkt_rd(pointer) != 0 { flags.insert(.recursionDesired) }
    if unsafe ldns_pkt_ra(pointer) != 0 { flags.insert(.recursionAvailable) }
    if unsafe ldns_pkt_ad(pointer) != 0 { flags.insert(.authenticData) }
    if unsafe ldns_pkt_cd(pointer) != 0 { flags.insert(.checkingDisabled) }
    return flags
  }

  private var edns: LDNSMessage.EDNS? {
    guard unsafe ldns_pkt_edns(pointer) != 0 else { return nil }
    var options: [UInt8] = []
    if let data = unsafe ldns_pkt_edns_data(pointer), let octets = unsafe ldns_rdf_data(data) {
      options = unsafe Array(UnsafeBufferPointer(start: octets, count: ldns_rdf_size(data)))
    }
    return unsafe LDNSMessage.EDNS(
      udpSize: ldns_pkt_edns_udp_size(pointer), extendedRcode: ldns_pkt_edns_extended_rcode(pointer),
      version: ldns_pkt_edns_version(pointer), dnssecOK: ldns_pkt_edns_do(pointer) != 0, options: options)
  }

  private func lines(_ list: UnsafePointer<ldns_rr_list>?) -> [String] {
    unsafe (0..<ldns_rr_list_rr_count(list)).map { index in unsafe line(ldns_rr_list_rr(list, index)) }
  }

  private func line(_ record: UnsafePointer<ldns_rr>?) -> String {
    // Tabs separate the fields; inside strings they are escaped.
    let fields = unsafe text(ldns_rr2str(record)).split(separator: "\t")
    return fields.joined(separator: " ").split(separator: "\n").joined()
  }

  /// The text of a string that libldns hands over, which is freed.
  private func text(_ string: UnsafeMutablePointer<CChar>?) -> String {
    guard let string = unsafe string else { return "" }
    defer { unsafe free(string) }
    return unsafe String(cString: string)
  }
}
