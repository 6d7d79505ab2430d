import DNSWire
import Forwarders

/// What a server says of a query, by the rules of its identity sources.
struct FakeCanary {
  private(set) var strings: [String] = []
  private var client: IPAddress?
  private var namespace: String?
  private var source = "none"
  private var spoilt = false
  private let settings: FakePath.Settings

  init(
    settings: FakePath.Settings, number: UInt32, options: [EDNSOption]?, transport: DNSQuery.Transport
  ) {
    self.settings = settings
    var candidates: [String] = []
    for name in settings.sources { candidates.append("candidate=\(name) \(result(of: name, options ?? []))") }
    if spoilt {
      (client, namespace, source) = (nil, nil, "none")
      for word in ["used", "agrees"] {
        candidates = candidates.map { $0.replacing(" \(word)", with: " overruled") }
      }
    }
    if let client { namespace = settings.namespaces[client] ?? namespace }
    strings = ["query=" + String(UInt64(number) | 1 << 60, radix: 16)]
    if let client { strings.append("client=\(client)") }
    let unknown = settings.synchronized ? "unknown" : "unknown, pods not synchronized"
    let known = settings.synchronized ? namespace : nil
    strings.append("identity=" + (known == nil ? unknown : client == nil ? "namespace" : "pod"))
    strings.append("source=\(source)")
    if let known { strings.append("namespace=\(known)") }
    strings += ["view=1"] + candidates
    strings.append("forwarder=\(settings.forwarder) \(settings.trusted ? "trusted" : "untrusted")")
    strings.append("transport=\(transport.rawValue)")
    strings.append("edns=" + (options.map { "4096 options" + $0.map { " \($0.code)" }.joined() } ?? "none"))
    strings += ["generation=1/abc", "zone=\(FakePath.zone)"]
  }

  /// `RESULT VALUE` of a source: the first that is there names the client, and every other must agree.
  private mutating func result(of name: String, _ options: [EDNSOption]) -> String {
    if name == "source-address" {
      if settings.trusted { return "forwarder \(settings.forwarder)" }
      return weigh(name, settings.forwarder)
    }
    let code = name == "edns-client-subnet" ? 8 : UInt16(name.drop { $0 != ":" }.dropFirst()) ?? 0
    let found = options.filter { $0.code == code }
    guard let option = found.first else { return "absent" }
    guard settings.trusted, settings.believed?.contains(name) ?? true else { return "untrusted" }
    guard found.count == 1 else {
      spoilt = true
      return "duplicate"
    }
    if name.hasPrefix("edns-namespace") {
      return weigh(name, namespace: String(decoding: option.data, as: UTF8.self))
    }
    if code == 8, option.data[2] != 32 {
      spoilt = true
      return "too-coarse 10.8.1.0/\(option.data[2])"
    }
    guard let address = IPAddress(octets: code == 8 ? Array(option.data[4...]) : option.data) else {
      spoilt = true
      return "malformed"
    }
    return weigh(name, address)
  }

  private mutating func weigh(_ name: String, _ address: IPAddress) -> String {
    let known = settings.namespaces[address]
    if source != "none", address != client {
      // A namespace gives way to a pod in it.
      guard client == nil, let known, known == namespace else { return conflict("\(address)") }
    }
    let isFirst = source == "none" || client == nil
    if isFirst { (client, source) = (address, name) }
    return (isFirst ? known == nil ? "unknown" : "used" : "agrees") + " \(address)"
  }

  private mutating func weigh(_ name: String, namespace text: String) -> String {
    let known = settings.namespaces.values.contains(text) ? text : nil
    guard source == "none" else {
      let own = client.flatMap { settings.namespaces[$0] } ?? namespace
      return known != nil && own == known ? "agrees \(text)" : conflict(text)
    }
    (namespace, source) = (known, name)
    return (known == nil ? "unknown" : "used") + " \(text)"
  }

  private mutating func conflict(_ value: String) -> String {
    spoilt = true
    return "conflicting \(value)"
  }
}
