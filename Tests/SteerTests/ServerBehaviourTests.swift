import DNSWire
import TestSupport
import Testing

/// What a server does besides answering for its zones: cookies, its own names, limits.
@Suite struct ServerBehaviourTests {
  private static let secrets = "e5e973e5a6b2a43f48e7dc849e37bfcf\n"
  private static let client: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]

  /// A query with a COOKIE option for an answer that over UDP only a client with a valid cookie gets whole.
  private func query(_ cookie: [UInt8]) -> [UInt8] {
    var query = WireQuery("small._canary.intra.aibang.local", .txt)
    query.edns?.addOption(10, cookie)
    return query.octets
  }

  /// Asks as someone whom nobody knows: the cookie in the answer, and whether the cookie in the query was good.
  private func ask(_ server: SteerProcess, cookie: [UInt8]) throws -> (cookie: [UInt8], isGood: Bool) {
    let answer = try LDNSMessage(server.client(from: "127.0.0.99").ask(query(cookie)))
    let options = try #require(answer.edns?.options)
    try #require(options.starts(with: [0, 10, 0, 24]))
    return (Array(options[4..<28]), !answer.flags.contains(.truncated))
  }

  @Test func aCookieOfOneServerIsGoodAtAnotherThatSharesItsSecrets() async throws {
    let folder = try WorkingFolder()
    try folder.write("# shared\n\n" + Self.secrets, to: "cookies")
    let arguments = ["--cookie-secrets", folder.path(of: "cookies")]
    let cookie = try await SteerProcess.serving(WorkingFolder.zones.path, arguments) {
      try ask($0, cookie: Self.client).cookie
    }
    try await SteerProcess.serving(WorkingFolder.zones.path, arguments) { server in
      let shares = try ask(server, cookie: cookie)
      #expect(shares.isGood)
      server.child.send(15)
      try await eventually("the server has ended") { !server.child.isRunning }
      #expect(server.child.errors.contains("cookie_valid=1"), "\(server.child.errors)")
    }
    try await SteerProcess.serving { server in
      let sharesNothing = try ask(server, cookie: cookie)
      #expect(!sharesNothing.isGood)
    }
  }

  @Test func aSecretIsChangedWithoutARestartAndTheOneBeforeStaysGoodWhileItIsNamed() async throws {
    let folder = try WorkingFolder()
    try folder.write(Self.secrets, to: "cookies")
    try await SteerProcess.serving(WorkingFolder.zones.path, ["--cookie-secrets", folder.path(of: "cookies")]) {
      server in
      let old = try ask(server, cookie: Self.client).cookie
      try folder.write("445536bcd2513298075a5d379663c962\n" + Self.secrets, to: "cookies")
      try await eventually("the new secret makes cookies") { try ask(server, cookie: old).cookie != old }
      #expect(try ask(server, cookie: old).isGood)
      try folder.write("445536bcd2513298075a5d379663c962\n", to: "cookies")
      try await eventually("the old secret is forgotten") { try !ask(server, cookie: old).isGood }
    }
  }

  @Test func aBrokenSecretIsRefusedAndTheLastGoodOnesHoldOn() async throws {
    let folder = try WorkingFolder()
    let file = folder.path(of: "cookies")
    try folder.write("# none\n12345\n", to: "cookies")
    let serve = try await Steer.run("serve", "--policy", WorkingFolder.zones.path, "--cookie-secrets", file)
    #expect(serve.status == 1)
    #expect(serve.errors.contains("\(file):2: a secret is 32 hexadecimal digits"), "\(serve.errors)")
    #expect(!serve.errors.contains("12345"))
    try folder.write(Self.secrets, to: "cookies")
    try await SteerProcess.serving(WorkingFolder.zones.path, ["--cookie-secrets", file]) { server in
      let cookie = try ask(server, cookie: Self.client).cookie
      try folder.write("", to: "cookies")
      try await eventually("the fault is logged") { server.child.errors.contains("secrets refused") }
      #expect(server.child.errors.contains("the file has 0 secrets"))
      #expect(try ask(server, cookie: cookie).isGood)
    }
  }

  @Test func digTakesTheCookie() async throws {
    try await SteerProcess.serving { server in
      let answer = try await DNSClient.dig.ask(server.endpoint, "+cookie", "ns1.intra.aibang.local")
      #expect(answer.output.contains("(good)"), "\(answer.output)")
    }
  }

  @Test func theServersOwnNamesAreSaidOnlyIfTheSettingsHaveThem() async throws {
    try await SteerProcess.serving { server in
      let refused = try await DNSClient.dig.ask(server.endpoint, "version.bind", "CH", "TXT")
      #expect(refused.output.contains("status: REFUSED"))
    }
    let environment = ["STEER_SERVER_VERSION": "steer of team X", "STEER_SERVER_ID": "ns1"]
    try await SteerProcess.serving(environment: environment) { server in
      for (name, text) in [("version.bind", "steer of team X"), ("id.server", "ns1")] {
        let answer = try await DNSClient.kdig.ask(server.endpoint, "+short", name, "CH", "TXT")
        #expect(answer.lines == ["\"\(text)\""])
      }
    }
  }

  @Test func keepaliveIsTheIdleTimeThatIsSet() async throws {
    try await SteerProcess.serving(environment: ["STEER_TCP_IDLE_SECONDS": "17"]) { server in
      var query = WireQuery("ns1.intra.aibang.local", .a)
      query.edns?.addOption(11, [])
      let answer = try LDNSMessage(server.client(overTCP: true).ask(query.octets))
      #expect(answer.edns?.options == [0, 11, 0, 2, 0, 170])
    }
  }

  @Test func oneClientCannotTakeEveryConnection() async throws {
    try await SteerProcess.serving(environment: ["STEER_TCP_CONNECTIONS_PER_CLIENT": "2"]) { server in
      let query = WireQuery("ns1.intra.aibang.local", .a).octets
      let first = try server.client(from: "127.0.0.11", overTCP: true)
      let second = try server.client(from: "127.0.0.11", overTCP: true)
      _ = try (first.ask(query), second.ask(query))
      #expect(throws: (any Error).self) { try server.client(from: "127.0.0.11", overTCP: true).ask(query) }
      #expect(try LDNSMessage(server.client(from: "127.0.0.12", overTCP: true).ask(query)).answer.count == 1)
      _ = consume second
      try await eventually("a connection is free again") {
        (try? server.client(from: "127.0.0.11", overTCP: true).ask(query)) != nil
      }
      _ = try first.ask(query)
    }
  }
}
