import DNSWire
import Forwarders
import Synchronization

/// A resolver and the server behind it as one function, with faults to choose from.
final class FakePath: DNSAsking, Sendable {
  /// What is there; as it stands, nothing is wrong.
  struct Settings: Sendable {
    var sources = ["edns-client-ip:65518", "source-address"]
    var namespaces = [FakePath.own: "team-a", FakePath.other: "team-b"]
    var forwarder = IPAddress(v4: 0x0A08_0035)
    var trusted = true
    var setsClient = true
    var setsNamespace = false
    var setsSubnet: UInt8?
    /// Whom the subnet names, if not the client.
    var subnetClient: IPAddress?
    var unsets: Set<UInt16> = [65518, 65519, 8]
    /// The sources that the forwarder is believed in, if not all of the zone's.
    var believed: [String]?
    /// Neither adds nor removes an option in a question over 512 octets, or in a signed one.
    var passesLarge = false
    var passesSigned = false
    var stripsEDNS = false
    var synchronized = true
    var cachesText = false
    var cachesAddresses = false
    var cacheHeedsClient = false
    var rcode: UInt8 = 0
    var silent = false
    var silentForZone = false
    var isSteer = true
    var filtersAddresses = false
    var dropsTCP = false
    var dropsLargeTCP = false
    var dropsUDPOver: Int?
    var sendsLargeUDP = false
    var answersSearch = false
    /// Every second question is answered by a replica that does not say who asks.
    var alternates = false
  }

  static let own = IPAddress(v4: 0x0A08_0105)
  static let other = IPAddress(v4: 0x0A08_0206)
  static let zone = "intra.aibang.local"

  private struct State {
    var counter: UInt32 = 0
    var cache: [String: [UInt8]] = [:]
  }

  private let settings: Settings
  private let state = Mutex(State())

  init(_ change: (inout Settings) -> Void = { _ in }) {
    var settings = Settings()
    change(&settings)
    self.settings = settings
  }

  func ask(_ query: DNSQuery) -> DNSOutcome {
    let source = query.source ?? Self.own
    guard let octets = respond(to: query.message(id: 7), from: source, query.transport) else { return .timeout }
    guard let response = Response(octets) else { return .failure("malformed") }
    return .answer(DNSAnswer(response: response, size: octets.count, localAddress: source))
  }

  /// Answers a message as a doctor sends it; nil is silence.
  func respond(to message: [UInt8], from client: IPAddress, _ transport: DNSQuery.Transport) -> [UInt8]? {
    if settings.silent || (settings.dropsTCP && transport == .tcp) { return nil }
    guard let end = message[12...].firstIndex(of: 0), let name = try? DomainName(wire: message[12...end]) else {
      return nil
    }
    let text = name.relativeDescription
    let type = message[end + 2]
    let question = Array(message[12..<(end + 5)])
    guard text.hasSuffix(Self.zone) else {
      guard settings.answersSearch, text.contains("_canary") else { return reply(message, question, rcode: 3) }
      return reply(message, question, records: [(1, [10, 0, 0, 9])])
    }
    if settings.silentForZone { return nil }
    if settings.rcode != 0 { return reply(message, question, rcode: settings.rcode) }
    if !settings.isSteer { return reply(message, question) }
    let octets = cached(text, type, client) { answer(text, type, message, end + 5, client, transport) }
    let size = octets.reduce(0) { $0 + $1.1.count + 12 }
    if transport == .tcp {
      return settings.dropsLargeTCP && size > 2000 ? nil : reply(message, question, records: octets)
    }
    // Nothing long over UDP for a client that nobody knows: the source may be forged.
    if text.hasPrefix("small."), !settings.trusted, settings.namespaces[settings.forwarder] == nil {
      return reply(message, question, truncated: true)
    }
    let payload = Int(message[end + 8]) << 8 | Int(message[end + 9])
    let limit = settings.sendsLargeUDP ? payload : min(payload, 1232)
    if size > limit { return reply(message, question, truncated: true) }
    if let most = settings.dropsUDPOver, size > most { return nil }
    return reply(message, question, records: octets)
  }

  private func cached(
    _ name: String, _ type: UInt8, _ client: IPAddress, _ make: () -> [(UInt8, [UInt8])]
  ) -> [(UInt8, [UInt8])] {
    guard type == 16 ? settings.cachesText : settings.cachesAddresses, !name.contains("large") else { return make() }
    let key = "\(name) \(type)" + (settings.cacheHeedsClient ? " \(client)" : "")
    if let kept = state.withLock({ $0.cache[key] }) { return [(type, kept)] }
    let made = make()
    state.withLock { $0.cache[key] = made.first?.1 }
    return made
  }

  private func answer(
    _ name: String, _ type: UInt8, _ message: [UInt8], _ opt: Int, _ client: IPAddress,
    _ transport: DNSQuery.Transport
  ) -> [(UInt8, [UInt8])] {
    let number = state.withLock { state in
      state.counter += 1
      return state.counter
    }
    if type == 1 {
      return settings.filtersAddresses ? [] : [(UInt8(1), IPAddress(v4: 0xC612_0000 + number).octets)]
    }
    for (label, count) in [("small.", 4), ("large.", 11)] where name.hasPrefix(label) {
      return (0..<count).map { _ in (16, [250] + [UInt8](repeating: 0x78, count: 250)) }
    }
    let mute = settings.alternates && number.isMultiple(of: 2)
    let sent = FakeOptions.read(message, at: opt)
    let passes = settings.passesLarge && message.count > 512 || settings.passesSigned && message[11] > 1
    let options = settings.stripsEDNS ? nil : passes ? sent : forwarded(sent, client, mute)
    let strings = FakeCanary(settings: settings, number: number, options: options, transport: transport).strings
    return [(16, strings.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) })]
  }

  /// The options as the forwarder passes them on: CoreDNS's 'set' replaces one option, 'unset' removes all.
  private func forwarded(_ options: [EDNSOption], _ client: IPAddress, _ mute: Bool) -> [EDNSOption] {
    var options = options.filter { !settings.unsets.contains($0.code) }
    var own: [EDNSOption] = []
    if settings.setsClient, !mute { own.append(EDNSOption(code: 65518, data: client.octets)) }
    if settings.setsNamespace, let namespace = settings.namespaces[client] {
      own.append(EDNSOption(code: 65519, data: Array(namespace.utf8)))
    }
    if let prefix = settings.setsSubnet {
      own.append(
        EDNSOption(
          code: 8, data: [0, 1, prefix, 0] + (settings.subnetClient ?? client).octets.prefix(Int(prefix + 7) / 8)))
    }
    for option in own {
      if let index = options.firstIndex(where: { $0.code == option.code }) { options.remove(at: index) }
      options.append(option)
    }
    return options
  }

  private func reply(
    _ message: [UInt8], _ question: [UInt8], rcode: UInt8 = 0, truncated: Bool = false,
    records: [(UInt8, [UInt8])] = []
  ) -> [UInt8] {
    var octets = Array(message[0..<2]) + [truncated ? 0x83 : 0x81, rcode]
    octets += [0, 1, 0, UInt8(records.count), 0, 0, 0, 0]
    octets += question
    for (type, rdata) in records {
      octets += [0xC0, 12, 0, type, 0, 1, 0, 0, 0, 0, UInt8(rdata.count >> 8), UInt8(rdata.count & 0xFF)] + rdata
    }
    return octets
  }
}

/// The options of a query whose OPT follows the question.
enum FakeOptions {
  static func read(_ message: [UInt8], at opt: Int) -> [EDNSOption] {
    var options: [EDNSOption] = []
    var position = opt + 11
    let rest = position + Int(message[opt + 9]) << 8 + Int(message[opt + 10])
    while position + 4 <= rest {
      let end = position + 4 + Int(message[position + 2]) << 8 + Int(message[position + 3])
      let code = UInt16(message[position]) << 8 | UInt16(message[position + 1])
      options.append(EDNSOption(code: code, data: Array(message[(position + 4)..<end])))
      position = end
    }
    return options
  }
}
