import Crypto
import SteeringPolicy

/// The digest of a generation's inputs.
///
/// Every field that can change an answer or a verdict goes in, in a fixed order, each with its length, so that no two
/// inputs run together. Files, comments, tests and pods do not: replicas that mean the same have the same digest.
struct InputDigest {
  private var hash = SHA256()

  /// The digest of `input`, as 64 hexadecimal digits; `selections` says which policies select which namespace.
  static func digest(_ input: SnapshotCompiler.Input, selections: [(namespace: String, policies: [String])])
    -> String
  {
    var digest = InputDigest()
    digest.add("steer digest 2")
    for zone in input.policy.zones { digest.add(zone, records: input.records[zone.name]) }
    for route in input.policy.routes { digest.add(route) }
    for policy in input.policy.policies { digest.add(policy, routes: input.policy.routes) }
    for (namespace, policies) in selections { digest.add([namespace] + policies) }
    return digest.hash.finalize().map { byte in
      let text = String(byte, radix: 16)
      return byte < 16 ? "0" + text : text
    }.joined()
  }

  private mutating func add(_ text: String) {
    hash.update(data: UInt32(text.utf8.count).bigEndianOctets)
    hash.update(data: Array(text.utf8))
  }

  private mutating func add(_ texts: [String]) {
    hash.update(data: UInt32(texts.count).bigEndianOctets)
    for text in texts { add(text) }
  }

  private mutating func add(_ zone: SteeringZone, records: [StaticRecord]?) {
    add(["zone", zone.apex.description])
    add(zone.aliases.map(\.description))
    add(zone.reverseBlocks.map(\.description))
    // With a master file its NS records count, not these.
    add(records == nil ? zone.nameservers.map(\.description) : [])
    add([
      "\(zone.ttl)", zone.negativeTTL.map { "\($0)" } ?? "default", zone.denyAnswer.rawValue,
      zone.unknownClient.rawValue,
    ])
    for forwarder in zone.identity.trustedForwarders {
      add(["forwarder", "\(forwarder.sender)", "\(forwarder.sources == nil)"])
      add((forwarder.sources ?? []).map(\.description))
    }
    add(zone.identity.sources.map(\.description))
    for transfer in zone.transfers {
      let view = transfer.view.map { [$0.value.namespace, $0.value.serviceAccount ?? ""] } ?? []
      add(["transfer", transfer.key?.value.description ?? ""] + transfer.blocks.map(\.description))
      add(view)
      add(transfer.notify.map(\.description))
    }
    for record in records ?? [] {
      add(["record", record.record.owner.description, "\(record.record.type)", "\(record.record.ttl)"])
      hash.update(data: UInt32(record.record.rdata.count).bigEndianOctets)
      hash.update(data: record.record.rdata)
    }
  }

  private mutating func add(_ route: EgressRoute) {
    add(["route", route.name, route.owner ?? "", "\(route.listenerPort)", route.ttl.map { "\($0)" } ?? "zone"])
    add(route.hostnames.map(\.value.description))
    add(route.destinations.map(\.description))
    add(route.ports.map(String.init))
    add(route.methods)
    add([route.parentSelection.rawValue] + route.parentProxies.map { "\($0.host):\($0.port)" })
    let check = route.healthCheck
    add([
      "\(check.interval)", "\(check.timeout)", check.connect.map { "\($0.host):\($0.port)" } ?? "accept",
      route.onRevocation.rawValue,
    ])
    add(route.backends)
  }

  private mutating func add(_ backends: [Backend]) {
    for backend in backends {
      add(["backend", "\(backend.service)", "\(backend.port)", "\(backend.weight)"])
      add(backend.addresses.map(\.description))
    }
  }

  private mutating func add(_ policy: EgressPolicy, routes: [EgressRoute]) {
    add(["policy", policy.name, "\(policy.priority)", policy.mode.rawValue])
    switch policy.subject {
    case .namespaces: add("namespaces")
    case .serviceAccounts(let accounts): add(accounts.map(\.description))
    case .ipBlocks(let blocks): add(blocks.map(\.value.description))
    }
    for rule in policy.rules {
      add(["rule", rule.name, rule.action.rawValue])
      add(rule.routes.map { routes[$0].name })
      if let backends = rule.backends { add(backends) }
    }
  }
}
