public import DNSWire
import SteeringPolicy

/// What tells a secondary that a zone changed (RFC 1996).
public struct ChangeNotice: Sendable {
  /// What a message is worth as an answer to a notice.
  public enum Verdict: Equatable, Sendable {
    /// It acknowledges the notice.
    case acknowledged
    /// It refuses the notice, with this code.
    case refused(UInt16)
    /// It is no answer to the notice, or not of who it says.
    case foreign
  }

  /// A notice as it was sent.
  public struct Sent: Sendable {
    /// The message.
    public let message: [UInt8]
    fileprivate let code: [UInt8]
  }

  /// The zone, by its apex or an alias.
  public let zone: DomainName
  /// Whom to tell.
  public let secondary: Endpoint
  /// The serial that the zone has now.
  public let serial: UInt32
  /// The name of the key that must sign the notice.
  public let keyName: DomainName?
  private let key: TransferKey?
  /// The zone's SOA from TYPE on.
  private let soa: [UInt8]

  fileprivate init(
    zone: DomainName, secondary: Endpoint, serial: UInt32, keyName: DomainName?, key: TransferKey?, soa: [UInt8]
  ) {
    self.zone = zone
    self.secondary = secondary
    self.serial = serial
    self.keyName = keyName
    self.key = key
    self.soa = soa
  }

  /// Whether the key that must sign it is not known, so that it cannot be sent.
  public var lacksKey: Bool { keyName != nil && key == nil }

  /// The message, with an ID and signed at `time`, in seconds since 1970.
  public func sent(id: UInt16, at time: UInt64 = SystemClock.seconds) -> Sent {
    let flags = Header.Flags.notify.union(.authoritative).rawValue
    var message = id.bigEndianOctets + flags.bigEndianOctets + [0, 1, 0, 1, 0, 0, 0, 0]
    message += zone.wire + RecordType.soa.rawValue.bigEndianOctets + RecordClass.internet.rawValue.bigEndianOctets
    message += [0xC0, UInt8(ResponseWriter.questionNameOffset)] + soa
    guard let key else { return Sent(message: message, code: []) }
    var signature = TSIGRecord(
      keyName: key.name, algorithm: key.algorithm.wireName, timeSigned: time, originalID: id)
    signature.mac = key.code(of: message, after: nil, with: signature, isFirst: true)
    message[11] = 1
    return Sent(message: message + signature.octets, code: signature.mac)
  }

  /// What a message that came from the secondary is worth.
  public func verdict(on answer: [UInt8], to sent: Sent, at time: UInt64 = SystemClock.seconds) -> Verdict {
    let message = answer.span
    guard answer.count >= Header.size, answer[..<2] == sent.message[..<2] else { return .foreign }
    let flags = Header.Flags(rawValue: message.uint16(at: 2))
    guard flags.contains(.response), flags.intersection(.opcode) == .notify else { return .foreign }
    let code = flags.rawValue & 0xF
    // Some leave the question out; another one than ours is an answer to something else.
    let question = Header.size..<(Header.size + zone.wire.count + 4)
    if message.uint16(at: 4) > 0 {
      guard question.upperBound <= answer.count,
        zip(question, sent.message[question]).allSatisfy({ answer[$0].asciiLowercased == $1.asciiLowercased })
      else { return .foreign }
    }
    if let key {
      guard let position = TSIGRecord.position(in: message), let record = TSIGRecord(message, at: position),
        record.keyName == key.name
      else { return .foreign }
      // That a key or code is wrong is said without a code (RFC 8945 §5.3.2), so nobody vouches for it.
      if record.mac.isEmpty { return record.error == 0 ? .foreign : .refused(record.error) }
      guard record.algorithm == key.algorithm.wireName,
        key.fault(of: record, in: message, at: position, after: sent.code, time) == nil
      else { return .foreign }
      if record.error != 0 { return .refused(record.error) }
    }
    return code == 0 ? .acknowledged : .refused(code)
  }
}

extension Snapshot {
  /// The notices that say of each zone that it has the serial that it has now.
  public var notices: [ChangeNotice] {
    policy.zones.flatMap { zone in
      let soa = Array(policy.octets[Int(zone.soa.start)..<Int(zone.soa.start + zone.soa.length)])
      return ([zone.apex] + zone.aliases).flatMap { apex in
        zone.transfers.flatMap { grant in
          grant.notify.map { secondary in
            ChangeNotice(
              zone: apex, secondary: secondary, serial: generation.serial, keyName: grant.key,
              key: grant.key.flatMap { secrets.keys[$0] }, soa: soa)
          }
        }
      }
    }
  }

  /// The keys that the zones' rules about transfers name and that are not known.
  public var missingKeys: [DomainName] {
    Set(policy.zones.flatMap(\.transfers).compactMap(\.key)).filter { secrets.keys[$0] == nil }.sorted()
  }
}
