import DNSWire
import SteeringPolicy

/// The server blocks for CoreDNS.
struct CoreDNSText {
  let text: String

  init(_ request: ForwarderConfiguration.Request, _ stubs: [StubZone]) {
    var lines = [
      "# CoreDNS: the server blocks of the zones that Steer steers. Add them to the Corefile beside '.:53'.",
      "# CoreDNS 1.12.3 or later: an older one does not know 'unset', and refuses to start.",
    ]
    for group in StubZone.grouped(stubs) {
      let isByView = group[0].method == .views
      lines += isByView ? Self.views(of: group, request.views) : Self.block(of: group, request.servers)
    }
    text = lines.joined(separator: "\n") + "\n"
  }

  private static func block(of group: [StubZone], _ servers: [Endpoint]) -> [String] {
    var lines = ["", keys(of: group), "    errors", "    prometheus :9153"]
    if group[0].method == .namespace { lines += kubernetes }
    lines += group[0].rewriteRules
    lines += forward(group, servers)
    lines += ["    # No cache here: it would hand one client's answer to all.", "}"]
    return lines
  }

  /// The zones of a block, and the brace that opens it: CoreDNS runs each plugin of a block once for all of them.
  static func keys(of group: [StubZone]) -> String {
    group.map { "\($0.name):53 " }.joined() + "{"
  }

  /// The cluster's domain in nearly every cluster.
  static let clusterDomain = "cluster.local"

  /// Only `pods verified` knows whose address it is, and only in the server block where it is asked.
  private static let kubernetes = [
    "    # The namespace of a client is known only to 'kubernetes' with 'pods verified', and handed to other plugins",
    "    # only by 'metadata'; both must stand in this very block. It answers nothing here: its zone is another.",
    "    metadata",
    "    kubernetes \(clusterDomain) {",
    "        pods verified",
    "    }",
  ]

  static func forward(_ group: [StubZone], _ servers: [Endpoint]) -> [String] {
    [
      "    # Addresses of Steer, never a name: 'forward' takes none. The health check asks for a name of the zone; else",
      "    # it asks for the root, which Steer refuses and counts as refused.",
      "    forward . \(servers.map(\.coreDNSText).joined(separator: " ")) {",
      "        health_check 1s no_rec domain \(group[0].name)",
      "    }",
    ]
  }

  private static func views(of group: [StubZone], _ views: [NamespaceListener]) -> [String] {
    var lines: [String] = []
    for view in views {
      lines += ["", keys(of: group), "    errors", "    prometheus :9153"]
      lines += [
        "    # A client of namespace \(view.namespace) is asked for at the listener that answers for it alone.",
        "    view \(view.namespace) {",
        "        expr metadata('kubernetes/client-namespace') == '\(view.namespace)'",
        "    }",
      ]
      lines += kubernetes + group[0].unsetRules + forward(group, view.endpoints)
      lines += ["    # No cache here: answers differ per client.", "}"]
    }
    return lines + [
      "",
      "# A client of no view above. Without this block its question would go on to the block of a shorter zone, '.',",
      "# and so to the outside. It stands last: CoreDNS takes the first block whose view is true.",
      keys(of: group),
      "    errors",
      "    template ANY ANY {",
      "        rcode REFUSED",
      "    }",
      "}",
    ]
  }
}

extension StubZone {
  /// The zones that one server block can serve together, in their order: those with the same rules.
  static func grouped(_ stubs: [StubZone]) -> [[StubZone]] {
    var groups: [[StubZone]] = []
    for stub in stubs {
      let index = groups.firstIndex { $0[0].method == stub.method && $0[0].rewriteRules == stub.rewriteRules }
      if let index { groups[index].append(stub) } else { groups.append([stub]) }
    }
    return groups
  }

  /// The rules that take away every option that the zone would believe.
  var unsetRules: [String] {
    let options = zone.identity.sources.compactMap(\.coreDNSOption)
    guard !options.isEmpty else { return [] }
    return ["    # What a client itself says about who it is goes first; 'continue', or the next rule would not run."]
      + options.map { "    rewrite continue edns0 \($0)" }
  }

  /// The rules that take away what a client says, then say who asked.
  var rewriteRules: [String] {
    let hex = String(code, radix: 16)
    let rule =
      switch method {
      case .namespace: "local set 0x\(hex) {kubernetes/client-namespace}"
      case .ecs: "subnet set 32 128"
      case .clientIP, .proxyProtocol, .views: "local set 0x\(hex) {client_ip}"
      }
    return unsetRules + [
      "    # Who asked. 'revert' gives the client an answer with the options that it knows.",
      "    rewrite edns0 \(rule) revert",
    ]
  }
}

extension IdentitySettings.Source {
  /// How CoreDNS takes the option away; nil if it is none.
  fileprivate var coreDNSOption: String? {
    switch self {
    case .ednsClientIP(let code), .ednsNamespace(let code): "local unset 0x\(String(code, radix: 16))"
    case .ednsClientSubnet: "subnet unset"
    case .proxyProtocol, .sourceAddress: nil
    }
  }
}

extension Endpoint {
  /// As CoreDNS takes it: the port only where it is not 53.
  var coreDNSText: String { port == 53 ? "\(address)" : description }
}
