public import DNSWire

/// A question as it is to be put to a resolver, and the way there.
public struct DNSQuery: Sendable {
  /// How a message travels.
  public enum Transport: String, Sendable {
    case udp
    case tcp
  }

  /// The name asked for.
  public var name: DomainName
  /// The type asked for.
  public var type: RecordType
  /// Who is asked.
  public var server: Endpoint
  /// How it travels.
  public var transport = Transport.udp
  /// The local address to ask from; nil leaves it to the routing table.
  public var source: IPAddress?
  /// The largest response taken over UDP, as OPT says it.
  public var payloadSize: UInt16 = 1232
  /// The options of OPT, in order.
  public var options: [EDNSOption] = []
  /// Whether a TSIG record stands last, of a key that nobody has.
  public var isSigned = false

  /// A question over UDP with an empty OPT.
  public init(_ name: DomainName, _ type: RecordType, to server: Endpoint) {
    self.name = name
    self.type = type
    self.server = server
  }

  /// The query in wire format: RD set, class IN, with OPT (RFC 6891 §6.1.2).
  public func message(id: UInt16) -> [UInt8] {
    let rdata = options.flatMap { $0.code.octets + UInt16(truncatingIfNeeded: $0.data.count).octets + $0.data }
    var octets = id.octets + [0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, isSigned ? 2 : 1]
    octets += name.wire + type.rawValue.octets + RecordClass.internet.rawValue.octets
    octets += [0] + RecordType.opt.rawValue.octets + payloadSize.octets + [0, 0, 0, 0]
    octets += UInt16(truncatingIfNeeded: rdata.count).octets + rdata
    return isSigned ? octets + Self.signature(id: id) : octets
  }

  /// A TSIG record whose time and MAC are zero: owner, type, class ANY, TTL 0, RDLENGTH, algorithm, time signed 6, fudge
  /// 2, MAC size 2, MAC, original ID, error 2, other length 2 (RFC 8945 §4.2).
  private static func signature(id: UInt16) -> [UInt8] {
    let mac = [UInt8](repeating: 0, count: 32)
    var rdata = [11] + Array("hmac-sha256".utf8) + [0] + [0, 0, 0, 0, 0, 0] + UInt16(300).octets
    rdata += UInt16(mac.count).octets + mac + id.octets + [0, 0, 0, 0]
    let owner = [12] + Array("steer-doctor".utf8) + [0]
    return owner + RecordType.tsig.rawValue.octets + [0, 255] + [0, 0, 0, 0] + UInt16(rdata.count).octets + rdata
  }
}

/// An option of OPT: a code and at most 65,535 octets (RFC 6891 §6.1.2).
public struct EDNSOption: Hashable, Sendable {
  /// The option's code.
  public var code: UInt16
  /// The option's data.
  public var data: [UInt8]

  /// An option of a code and data.
  public init(code: UInt16, data: [UInt8]) {
    self.code = code
    self.data = data
  }

  /// A Client Subnet option that names one address: its full length, scope 0 (RFC 7871 §6).
  public static func clientSubnet(_ address: IPAddress) -> EDNSOption {
    let family: [UInt8] = address.isIPv4 ? [0, 1, 32, 0] : [0, 2, 128, 0]
    return EDNSOption(code: EDNSOptionCode.clientSubnet, data: family + address.octets)
  }

  /// Padding that makes any query larger than 512 octets (RFC 7830 §3).
  static let padding = EDNSOption(code: 12, data: [UInt8](repeating: 0, count: 500))
}

extension UInt16 {
  /// The number in network order.
  fileprivate var octets: [UInt8] { [UInt8(self >> 8), UInt8(truncatingIfNeeded: self)] }
}
