import DNSWire
import Foundation
import Testing

/// `steer doctor` in a pod, behind forwarders that are set up well and badly.
@Suite(.serialized, .timeLimit(.minutes(5))) struct DoctorPathTests {
  /// A way from a pod to Steer that something is wrong with.
  struct BadPath: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var program: ForwarderProgram
    /// The forwarder's configuration, or what is added to a rendered one.
    var configuration: String
    var rendered: GoodForwarder?
    var identity = Lab.Identity(sources: ["edns-client-subnet"])
    /// What the resolver's packet filter drops.
    var filter: String?
    var codes: Set<String>
  }

  private static let server = Lab.Place.steer.address

  private static let badPaths = [
    BadPath(
      testDescription: "bind as plain forwarder", program: .bind,
      configuration: """
        zone "intra.aibang.local" { type forward; forward only; forwarders { \(server); }; };
        """, codes: ["identity-lost"]),
    BadPath(
      testDescription: "unbound without Client Subnet", program: .unbound,
      configuration: """
        server:
            module-config: "iterator"
            local-zone: "intra.aibang.local." nodefault
        stub-zone:
            name: "intra.aibang.local."
            stub-addr: \(server)
        """, codes: ["identity-lost", "shared-cache"]),
    BadPath(
      testDescription: "dnsmasq without add-subnet", program: .dnsmasq,
      configuration: "server=/intra.aibang.local/\(server)", codes: ["identity-lost", "shared-cache"]),
    BadPath(
      testDescription: "dnsmasq with a short subnet", program: .dnsmasq,
      configuration: "add-subnet=24,56\nserver=/intra.aibang.local/\(server)", codes: ["ecs-truncated"]),
    BadPath(
      testDescription: "dnsdist with a packet cache", program: .dnsdist,
      configuration: "getPool(\"steer-proxy\"):setCache(newPacketCache(1000))", rendered: .dnsdistByProxyProtocol,
      identity: GoodForwarder.dnsdistByProxyProtocol.identity, codes: ["shared-cache"]),
    BadPath(
      testDescription: "dnsdist that passes options on", program: .dnsdist,
      configuration: "newServer(\"\(server)\")", identity: Lab.Identity(sources: ["edns-client-ip:65518"]),
      codes: ["identity-lost", "forged-identity-accepted"]),
    BadPath(
      testDescription: "a forwarder that is not trusted", program: .dnsmasq, configuration: "",
      rendered: .dnsmasqByECS, identity: Lab.Identity(sources: ["edns-client-subnet"], trusted: ["10.231.0.99/32"]),
      codes: ["forwarder-not-trusted", "identity-lost"]),
    BadPath(
      testDescription: "unbound as it can be set up at best", program: .unbound, configuration: "",
      rendered: .unboundByECS, codes: ["forged-identity-accepted"]),
    BadPath(
      testDescription: "dnsmasq believed in what it does not set", program: .dnsmasq, configuration: "",
      rendered: .dnsmasqByECS, identity: Lab.Identity(sources: ["edns-client-ip:65518", "edns-client-subnet"]),
      codes: ["forged-identity-accepted"]),
    BadPath(
      testDescription: "no TCP", program: .dnsmasq, configuration: "", rendered: .dnsmasqByECS,
      filter: "input tcp dport 53", codes: ["tcp-blocked"]),
    BadPath(
      testDescription: "no large datagrams", program: .dnsdist, configuration: "", rendered: .dnsdistByECS,
      filter: "output udp sport 53 meta length > 1100", codes: ["large-udp-lost"]),
  ]

  @Test(arguments: GoodForwarder.allCases.filter { !$0.isForgeable })
  func nothingIsWrongWithWhatSteerRenders(_ forwarder: GoodForwarder) async throws {
    try await Lab.open { lab in
      try await lab.serve(behind: forwarder)
      let report = try await lab.examine()
      #expect(report.status == 0 && report.errorCodes.isEmpty, "\(report.output)\(report.errors)")
      #expect(report.lines.count { $0.hasPrefix("ok ") } >= 8, "\(report.output)")
    }
  }

  /// Whoever adds an option of their own harms themselves alone: the server believes nobody then.
  @Test(arguments: [
    (["edns-client-ip:65518", "edns-client-subnet"], "          sources: [edns-client-subnet]"),
    (["edns-client-subnet"], "EDNSOptionRule(8)"),
  ])
  func whatSpoilsAnIdentityIsNoForgedOne(_ sources: [String], remedy: String) async throws {
    try await Lab.open { lab in
      try await lab.serve(behind: .dnsdistByECS, Lab.Identity(sources: sources))
      let report = try await lab.examine()
      #expect(report.status == 0, "\(report.output)\(report.errors)")
      #expect(report.lines.contains { $0.hasPrefix("warning  client-options-pass") }, "\(report.output)")
      #expect(report.output.contains(remedy), "\(report.output)")
    }
  }

  /// The remedy of what dnsmasq lets through: it is believed only in what it sets itself.
  @Test func aForwarderThatIsBelievedInItsOwnSourceOnlyLetsNothingThrough() async throws {
    try await Lab.open { lab in
      let trusted = "\(Lab.Place.resolver.address)/32, sources: [edns-client-subnet]"
      try await lab.serve(
        behind: .dnsmasqByECS,
        Lab.Identity(sources: ["edns-client-ip:65518", "edns-client-subnet"], trusted: [trusted]))
      let report = try await lab.examine()
      #expect(report.status == 0, "\(report.output)\(report.errors)")
      #expect(report.lines.contains { $0.hasPrefix("ok       forgery") }, "\(report.output)")
    }
  }

  @Test(arguments: badPaths)
  func whatIsWrongIsNamed(_ path: BadPath) async throws {
    try await Lab.open { lab in
      let policy = try lab.policy(path.identity)
      try await lab.serve(policy)
      let rendered = if let forwarder = path.rendered { try await lab.render(forwarder, policy) } else { "" }
      try await lab.forward(by: path.program, rendered + path.configuration)
      if let filter = path.filter { try await lab.drop(filter) }
      let report = try await lab.examine()
      #expect(report.status == 1 && path.codes.isSubset(of: report.errorCodes), "\(report.output)\(report.errors)")
      // Each code of an error comes with its remedy.
      for code in path.codes { #expect(report.output.contains("\n\(code): "), "\(report.output)") }
    }
  }
}

extension Lab {
  /// Runs the doctor in a pod of team-a.
  fileprivate func examine() async throws -> Finished {
    try await run(
      [Steer.path, "doctor", "intra.aibang.local", "--resolver", Place.resolver.address, "--timeout", "1"], in: .teamA
    )
  }

  /// Makes the resolver drop packets: a chain and what it matches.
  fileprivate func drop(_ filter: String) async throws {
    let words = filter.split(separator: " ").map(String.init)
    let hook = words[0]
    let script = """
      nft add table inet lab
      nft add chain inet lab \(hook) '{ type filter hook \(hook) priority 0; }'
      nft 'add rule inet lab \(hook) \(words.dropFirst().joined(separator: " ")) drop'
      """
    let made = try await run(["sh", "-ec", script], in: .resolver)
    try #require(made.status == 0, "no packet filter; deploy/test.sh installs nftables: \(made.errors)")
  }
}

extension Finished {
  /// The codes of a doctor's errors and warnings that name a fault of the path.
  fileprivate var errorCodes: Set<String> {
    let words = lines.map { $0.split(separator: " ").prefix(2).map(String.init) }
    return Set(words.filter { $0.count == 2 && $0[0] == "error" }.map { $0[1] })
  }
}
