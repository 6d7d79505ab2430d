/// The configuration for unbound.
struct UnboundText {
  /// What unbound cannot do, as seen with 1.17.1.
  static let warning =
    "unbound forwards a Client Subnet that a client sent itself, so a pod that asks it directly can be anyone; put "
    + "dnsdist before it, which overrides it, or let pods ask dnsdist or CoreDNS instead"

  let text: String

  init(_ request: ForwarderConfiguration.Request, _ stubs: [StubZone]) {
    var lines = [
      "# unbound: the zones that Steer steers.",
      "# WARNING: unbound forwards a Client Subnet that a client sent itself. A pod that asks it directly can be anyone.",
      "# Let only a forwarder ask it that sets Client Subnet anew, such as dnsdist with ECS override.",
      "server:",
      "    # subnetcache adds Client Subnet, and keeps what it learned apart for each client. With DNSSEC for other",
      "    # zones write \"subnetcache validator iterator\".",
      "    module-config: \"subnetcache iterator\"",
      "    # The whole address: a network would be nobody.",
      "    max-client-subnet-ipv4: 32",
      "    max-client-subnet-ipv6: 128",
      "    # A client is answered from what was asked for it, until the TTL ends, and never from the common cache.",
      "    client-subnet-always-forward: yes",
      "    # An old answer, or one asked for before it is due, is one that the policy no longer stands behind.",
      "    serve-expired: no",
      "    prefetch: no",
    ]
    for server in request.servers where server.isOnOwnMachine {
      lines += ["    # Steer runs beside unbound at \(server.address).", "    do-not-query-localhost: no"]
      break
    }
    lines.append("    # Who is told.")
    lines += Set(request.servers.map(\.address)).sorted().map { "    send-client-subnet: \($0)" }
    for stub in stubs {
      lines += [
        "    # \(stub.name): asked with Client Subnet, not signed, private addresses allowed, no local data.",
        "    client-subnet-zone: \"\(stub.name).\"",
        "    domain-insecure: \"\(stub.name).\"",
        "    private-domain: \"\(stub.name).\"",
        "    local-zone: \"\(stub.name).\" \(stub.isReverse ? "transparent" : "nodefault")",
      ]
    }
    for stub in stubs {
      lines += ["", "# Steer is the zone's authority: a stub, not a forwarder.", "stub-zone:"]
      lines.append("    name: \"\(stub.name).\"")
      lines += request.servers.map { "    stub-addr: \($0.address)@\($0.port)" }
      lines += ["    # Not in the cache that all clients share.", "    stub-no-cache: yes"]
    }
    text = lines.joined(separator: "\n") + "\n"
  }
}
