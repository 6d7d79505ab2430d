public import DNSWire

/// What the server says of one query, read from the TXT record of `_canary.ZONE`.
public struct Canary: Equatable, Sendable {
  /// What the server knows of the client.
  public enum Identity: String, Sendable {
    case pod
    case namespace
    case addressBlock = "address block"
    case node
    case unknown
    case unsynchronized = "unknown, pods not synchronized"
  }

  /// A source of identity that the zone's policy lists, and what the query had of it.
  public struct Candidate: Equatable, Sendable {
    /// What became of it.
    public enum Result: String, Sendable {
      case used, agrees, absent, untrusted, duplicate, malformed
      case tooCoarse = "too-coarse"
      case conflicting, forwarder, unknown, overruled
    }

    /// The source as the policy writes it, such as `edns-client-ip:65518`.
    public var source: String
    /// What became of it.
    public var result: Result
    /// What was there, where that helps.
    public var value: String?
  }

  /// The most strings that are read; a server writes about a dozen.
  private static let maximumStrings = 64

  /// A number of this one answer; the same twice means that a cache answered.
  public var query: String
  /// The client's address as understood.
  public var client: IPAddress?
  /// What is known of the client.
  public var identity = Identity.unknown
  /// Where the identity was taken from, `none` included.
  public var source = "none"
  public var namespace: String?
  public var pod: String?
  public var serviceAccount: String?
  /// The number of the view.
  public var view: String?
  /// The sources that the policy lists, in order.
  public var candidates: [Candidate] = []
  /// Who sent the packet to the server.
  public var forwarder: IPAddress?
  /// Whether the server believes that sender.
  public var isForwarderTrusted = false
  /// How the packet reached the server.
  public var transport: String?
  /// The EDNS that reached the server: `none`, or a payload size and the codes of its options.
  public var edns: String?
  /// The generation that answered.
  public var generation: String?
  /// The apex.
  public var zone: String?

  /// Reads the first canary among a response's TXT records; nil if there is none.
  public init?(_ response: Response) {
    for record in response.records where record.type == .txt && record.section == .answer {
      if let canary = Canary(rdata: record.rdata) {
        self = canary
        return
      }
    }
    return nil
  }

  /// Reads the RDATA of a TXT record; nil if it is malformed or has no `query=`.
  ///
  /// Keys that are not known are passed over: a later server may say more.
  public init?(rdata: [UInt8]) {
    guard let strings = Self.strings(of: rdata) else { return nil }
    query = ""
    for string in strings {
      guard let equals = string.firstIndex(of: "=") else { continue }
      read(String(string[..<equals]), String(string[string.index(after: equals)...]))
    }
    if query.isEmpty { return nil }
  }

  private mutating func read(_ key: String, _ value: String) {
    switch key {
    case "query": query = value
    case "client": client = IPAddress(value)
    case "identity": identity = Identity(rawValue: value) ?? .unknown
    case "source": source = value
    case "namespace": namespace = value
    case "pod": pod = value
    case "serviceAccount": serviceAccount = value
    case "view": view = value
    case "transport": transport = value
    case "edns": edns = value
    case "generation": generation = value
    case "zone": zone = value
    case "candidate":
      let words = value.split(separator: " ", maxSplits: 2).map(String.init)
      guard words.count >= 2, let result = Candidate.Result(rawValue: words[1]) else { return }
      candidates.append(Candidate(source: words[0], result: result, value: words.count > 2 ? words[2] : nil))
    case "forwarder":
      let words = value.split(separator: " ")
      forwarder = words.first.flatMap { IPAddress(String($0)) }
      isForwarderTrusted = words.last == "trusted"
    default: break
    }
  }

  /// The character-strings of RDATA (RFC 1035 §3.3.14) as printable ASCII: they go to a terminal.
  private static func strings(of rdata: [UInt8]) -> [String]? {
    var strings: [String] = []
    var position = 0
    while position < rdata.count {
      let end = position + 1 + Int(rdata[position])
      guard end <= rdata.count, strings.count < maximumStrings else { return nil }
      let octets = rdata[(position + 1)..<end].map { (0x20...0x7E).contains($0) ? $0 : 0x3F }
      strings.append(String(decoding: octets, as: UTF8.self))
      position = end
    }
    return strings
  }

  /// The candidates of a result.
  func candidates(_ result: Candidate.Result) -> [Candidate] {
    candidates.filter { $0.result == result }
  }

  /// Who the client is, in a few words.
  var clientWords: String {
    let known = [
      client.map { "client \($0)" }, namespace.map { "namespace \($0)" }, pod.map { "pod \($0)" },
    ].compactMap(\.self)
    return ((known.isEmpty ? ["nobody known"] : known) + ["identity \(identity.rawValue), from \(source)"]).joined(
      separator: ", ")
  }
}

extension Canary.Candidate {
  /// The EDNS option that carries the source; nil if none does.
  var optionCode: UInt16? {
    if source == "edns-client-subnet" { return EDNSOptionCode.clientSubnet }
    guard source.hasPrefix("edns-"), let colon = source.firstIndex(of: ":") else { return nil }
    return UInt16(source[source.index(after: colon)...])
  }
}
