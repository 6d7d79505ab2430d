public import DNSWire

/// A query as a test writes it, down to the octet: the case of the name is kept.
public struct WireQuery: Sendable {
  /// The EDNS part of the query.
  public struct EDNS: Sendable {
    public var payloadSize: UInt16 = 1232
    public var version: UInt8 = 0
    public var dnssecOK = false
    /// Options: code, length and data of each.
    public var options: [UInt8] = []

    public init() {}

    /// Adds an option.
    public mutating func addOption(_ code: UInt16, _ data: [UInt8]) {
      options += WireQuery.octets(code) + WireQuery.octets(UInt16(data.count)) + data
    }
  }

  public var id: UInt16
  public var flags: UInt16 = 0
  /// The name's labels, of any octets.
  public var labels: [[UInt8]]
  public var type: RecordType
  public var recordClass: UInt16 = 1
  public var edns: EDNS? = EDNS()

  /// A query of class IN with an empty OPT and no flag set.
  public init(id: UInt16 = 0x5EE2, _ name: String, _ type: RecordType) {
    self.init(id: id, labels: name.split(separator: ".").map { Array($0.utf8) }, type)
  }

  /// A query for a name of any octets.
  public init(id: UInt16 = 0x5EE2, labels: [[UInt8]], _ type: RecordType) {
    self.id = id
    self.labels = labels
    self.type = type
  }

  /// The name as text, its octets as they are.
  public var name: String { labels.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".") }

  /// The question section: the name without compression, type, class.
  public var question: [UInt8] {
    labels.flatMap { [UInt8($0.count)] + $0 } + [0] + Self.octets(type.rawValue) + Self.octets(recordClass)
  }

  /// The whole message.
  public var octets: [UInt8] {
    var message = Self.octets(id) + Self.octets(flags) + [0, 1, 0, 0, 0, 0, 0, edns == nil ? 0 : 1] + question
    if let edns {
      message += [0, 0, 41] + Self.octets(edns.payloadSize) + [0, edns.version, edns.dnssecOK ? 0x80 : 0, 0]
      message += Self.octets(UInt16(edns.options.count)) + edns.options
    }
    return message
  }

  fileprivate static func octets(_ number: UInt16) -> [UInt8] {
    [UInt8(number >> 8), UInt8(number & 0xFF)]
  }
}
