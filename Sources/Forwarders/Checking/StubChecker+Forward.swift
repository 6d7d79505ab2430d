import DNSWire

extension StubChecker {
  /// Ports of proxies, which speak no DNS.
  private static let proxyPorts: Set<UInt16> = [80, 443, 1080, 3128, 8080, 8118, 13128]

  /// Where the questions go.
  mutating func checkForward() {
    let forwards = stub.block.plugins("forward")
    var isForwarded = false
    for forward in forwards {
      guard let from = forward.arguments.first else {
        report(.forwardMissing, at: forward.name, "'forward' says neither what nor where; write 'forward . ADDRESS'")
        continue
      }
      if let zone = try? DomainName(from.text), !stub.zone.isAtOrBelow(zone) {
        report(
          .forwardElsewhere, at: from,
          "this forwards \(from.text.prefix(80)), which is not all of \(zoneName); write 'forward . ADDRESS'")
        continue
      }
      isForwarded = true
      for target in forward.arguments.dropFirst() { check(target) }
      if forward.arguments.count < 2 {
        report(.forwardMissing, at: forward.name, "'forward' names no server; add Steer's address")
      }
      checkExceptions(of: forward)
      checkHealthCheck(of: forward)
    }
    if !isForwarded, forwards.isEmpty {
      report(
        .forwardMissing, at: stub.key.word,
        "the block of \(zoneName) has no 'forward'; add 'forward . ADDRESS' of Steer")
    }
  }

  /// Names that are left out of what is forwarded.
  private mutating func checkExceptions(of forward: Corefile.Directive) {
    for word in forward.block.filter({ $0.name.text == "except" }).flatMap(\.arguments) {
      guard let zone = try? DomainName(word.text) else { continue }
      if stub.zone.isAtOrBelow(zone) {
        report(.forwardElsewhere, at: word, "this leaves all of \(zoneName) out, so Steer is never asked; remove it")
      } else if zone.isAtOrBelow(stub.zone) {
        report(
          .mayChangeAnswer, at: word,
          "Steer is not asked for \(zone.relativeDescription) and below; remove it, and write a policy instead")
      }
    }
  }

  private mutating func checkHealthCheck(of forward: Corefile.Directive) {
    let check = forward.block.first { $0.name.text == "health_check" }
    guard check?.arguments.contains(where: { $0.text == "domain" }) != true else { return }
    report(
      .healthCheckMissing, at: check?.name ?? forward.name,
      "without 'health_check 1s no_rec domain \(zoneName)' CoreDNS asks for the root, which Steer refuses and counts; "
        + "write it so")
  }

  private mutating func check(_ target: Corefile.Word) {
    if target.hasPlaceholder || target.text.contains("__PILLAR__") { return }
    var text = Substring(target.text)
    var standardPort: UInt16 = 53
    if text.hasPrefix("dns://") { text = text.dropFirst(6) }
    if text.hasPrefix("tls://") {
      text = text.dropFirst(6)
      standardPort = 853
    }
    // A zone index of a link-local address says only through which interface.
    guard let endpoint = Self.endpoint(String(text), standardPort) else {
      if text.contains("/") {
        report(
          .forwardToFile, at: target,
          "'\(text.prefix(80))' is a file with servers of the outside; write Steer's address")
      } else {
        report(
          .forwardToName, at: target,
          "'\(text.prefix(80))' is no address, and 'forward' takes no name: write the ClusterIP of Steer's Service")
      }
      return
    }
    if expectation.servers.contains(endpoint) { return }
    if Self.proxyPorts.contains(endpoint.port) {
      report(
        .forwardToProxy, at: target,
        "port \(endpoint.port) is a proxy's, which speaks no DNS: write the address of Steer, which names the proxy")
    } else if !expectation.servers.isEmpty {
      let servers = expectation.servers.map(\.description).joined(separator: ", ")
      report(.forwardNotSteer, at: target, "\(endpoint) is not Steer, which is at \(servers); change it")
    } else if endpoint.port != 53, endpoint.port != 853 {
      report(
        .forwardOddPort, at: target,
        "port \(endpoint.port) is not one of DNS (53, 853); check that Steer answers there")
    }
  }

  private static func endpoint(_ text: String, _ port: UInt16) -> Endpoint? {
    if let endpoint = Endpoint(text) { return endpoint }
    let bare = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
    return IPAddress(bare).map { Endpoint(address: $0, port: port) }
  }
}
