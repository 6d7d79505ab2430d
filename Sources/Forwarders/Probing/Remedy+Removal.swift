import DNSWire

extension Remedy {
  /// How what a client sends of its own comes to nothing: it reached the server as the sources `passed`.
  ///
  /// What named us in `baseline`, when we sent nothing, is the forwarder's own.
  static func removal(of passed: [Canary.Candidate], _ baseline: Canary, zone: String) -> String {
    let own = baseline.candidates.filter { [.used, .agrees, .unknown].contains($0.result) }.map(\.source)
    let codes = passed.compactMap(\.optionCode)
    guard !codes.isEmpty, baseline.isForwarderTrusted, !own.isEmpty || baseline.source == "listener" else {
      return identity(baseline, zone: zone)
    }
    var lines: [String] = []
    if let forwarder = baseline.forwarder, passed.contains(where: { !own.contains($0.source) }) {
      // A listener is no source, and believed of every trusted forwarder.
      lines.append(trust(forwarder, onlyIn: own.filter { $0 != "listener" }, zone: zone))
      lines.append("Or let the forwarder take away what a client sends:")
    } else {
      lines.append("Let the forwarder take away what a client sends:")
    }
    lines.append("CoreDNS, in the block of \(zone), before 'forward':")
    lines += codes.map { code in
      let option = code == EDNSOptionCode.clientSubnet ? "subnet unset" : "local unset \(hexadecimal(code))"
      return "    rewrite continue edns0 \(option)"
    }
    if codes.contains(EDNSOptionCode.clientSubnet) {
      lines.append("dnsmasq: --strip-subnet --add-subnet=32,128")
      lines.append("unbound cannot: put one of the others before it, and let no pod reach it.")
    }
    lines.append("dnsdist, which refuses the question instead, before its other rules for \(zone):")
    lines += codes.map {
      "    addAction(AndRule({makeRule(\"\(zone).\"), EDNSOptionRule(\($0))}), RCodeAction(DNSRCode.REFUSED))"
    }
    return lines.joined(separator: "\n")
  }
}
