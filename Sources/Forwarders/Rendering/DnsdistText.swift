/// The configuration for dnsdist, 1.7 and later.
struct DnsdistText {
  let text: String

  init(_ request: ForwarderConfiguration.Request, _ stubs: [StubZone]) {
    var lines = ["-- dnsdist 1.7 or later: the zones that Steer steers. Listeners and other zones are up to you."]
    for method in [IdentityMethod.proxyProtocol, .ecs] {
      let zones = stubs.filter { $0.method == method }
      guard let first = zones.first else { continue }
      let pool = method == .ecs ? "steer-ecs" : "steer-proxy"
      let parameter = method == .ecs ? "useClientSubnet=true" : "useProxyProtocol=true"
      lines += [""]
      if method == .ecs {
        lines.append("-- Each question carries Client Subnet.")
      } else {
        lines += [
          "-- A PROXY header before each question says who asked. A client cannot write one: dnsdist reads none, unless",
          "-- setProxyProtocolACL says from whom.",
        ]
      }
      lines.append("-- The health check asks for a name that Steer answers.")
      for server in request.servers {
        lines += [
          "newServer({address=\"\(server)\", pool=\"\(pool)\", \(parameter),",
          "  checkName=\"\(first.name).\", checkType=\"SOA\"})",
        ]
      }
      lines.append("-- The pool has no packet cache, and must get none: it would hand one client's answer to all.")
      for zone in zones { lines += Self.rules(for: zone, pool: pool) }
    }
    text = lines.joined(separator: "\n") + "\n"
  }

  private static func rules(for stub: StubZone, pool: String) -> [String] {
    var lines: [String] = []
    if stub.method == .ecs {
      lines += [
        "-- The whole address, in place of a subnet that the client sent itself, which would otherwise be kept.",
        "addAction(\"\(stub.name).\", SetECSOverrideAction(true))",
        "addAction(\"\(stub.name).\", SetECSPrefixLengthAction(32, 128))",
      ]
    }
    lines.append("addAction(\"\(stub.name).\", PoolAction(\"\(pool)\"))")
    return lines
  }
}
