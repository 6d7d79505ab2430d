import DNSWire
import TestSupport
import Testing

/// How messages travel: case, EDNS, sizes, connections, addresses.
@Suite struct TransportTests {
  private static let name = "microsoft.intra.aibang.local"

  @Test(arguments: [false, true])
  func theCaseOfAQuestionIsKept(overTCP: Bool) async throws {
    try await SteerProcess.serving { server in
      let query = WireQuery("MicroSoft.iNTRa.aibang.LOCAL", .a)
      let answer = try server.client(overTCP: overTCP).ask(query.octets)
      #expect(Array(answer[12..<(12 + query.question.count)]) == query.question)
      let dig = try await DNSClient.dig.ask(server.endpoint, from: "127.0.0.11", overTCP: overTCP, query.name)
      #expect(dig.output.contains("MicroSoft.iNTRa.aibang.LOCAL. 10 IN\tA\t10.96.7.10"), "\(dig.output)")
    }
  }

  @Test func anUnknownEDNSVersionIsNamedBadVersion() async throws {
    try await SteerProcess.serving { server in
      let answer = try await DNSClient.dig.ask(server.endpoint, "+edns=1", "+noednsneg", Self.name)
      #expect(answer.output.contains("status: BADVERS"))
      #expect(answer.output.contains("EDNS: version: 0"))
    }
  }

  @Test func anUnknownEDNSOptionIsPassedOver() async throws {
    try await SteerProcess.serving { server in
      let answer = try await DNSClient.dig.ask(
        server.endpoint, from: "127.0.0.11", "+ednsopt=65518:0a080105", Self.name)
      #expect(answer.output.contains("status: NOERROR") && answer.output.contains("10.96.7.10"))
      #expect(!answer.output.contains("OPT=65518"))
    }
  }

  @Test(arguments: [("+dnssec", "flags: do;"), ("+nodnssec", "flags:;")])
  func theDNSSECOKBitIsKept(_ option: String, flags: String) async throws {
    try await SteerProcess.serving { server in
      let answer = try await DNSClient.dig.ask(server.endpoint, option, Self.name)
      #expect(answer.output.contains("; EDNS: version: 0, \(flags)"), "\(answer.output)")
    }
  }

  @Test func aLongAnswerIsCutOnlyWhereItDoesNotFit() async throws {
    let backends = 40
    let folder = try WorkingFolder.headless(backends: backends)
    try await SteerProcess.serving(folder.path) { server in
      let endpoint = try server.endpoint
      let plain = try await DNSClient.dig.ask(endpoint, "+noedns", "+ignore", "many.steer.test")
      #expect(plain.output.contains("flags: qr aa tc") && plain.output.contains("ANSWER: 0"), "\(plain.output)")
      let small = try await DNSClient.dig.ask(endpoint, "+bufsize=512", "+ignore", "many.steer.test")
      #expect(small.output.contains("flags: qr aa tc"), "\(small.output)")
      let large = try await DNSClient.dig.ask(endpoint, "+bufsize=1232", "+ignore", "many.steer.test")
      #expect(
        large.output.contains("flags: qr aa rd") && large.output.contains("ANSWER: \(backends)"), "\(large.output)")
      let stream = try await DNSClient.kdig.ask(endpoint, overTCP: true, "many.steer.test", "+short")
      #expect(Set(stream.lines).count == backends)
      let fallback = try await DNSClient.dig.ask(endpoint, "+noedns", "+short", "many.steer.test")
      #expect(Set(fallback.lines.filter { !$0.hasPrefix(";") }).count == backends, "\(fallback.output)")
    }
  }

  @Test func aDatagramThatIsTooLongIsMalformedWhateverItStartsWith() async throws {
    try await SteerProcess.serving { server in
      var query = WireQuery(Self.name, .a)
      let rest = 1472 - 4 - query.octets.count
      query.edns?.addOption(12, [UInt8](repeating: 0, count: rest))
      let whole = try LDNSMessage(server.client().ask(query.octets))
      #expect(query.octets.count == 1472 && whole.rcode == 0 && whole.answer.count == 1)
      for garbage in [1, 500] {
        let octets = query.octets + [UInt8](repeating: 0, count: garbage)
        let answer = try server.client().ask(octets)
        #expect(try LDNSMessage(answer).rcode == 1)
        #expect(answer.starts(with: octets[0..<2]) && answer.contains(query.question))
      }
      server.child.send(15)
      #expect(try await server.child.status() == 0)
      #expect(server.child.errors.contains("format_error=2"), "\(server.child.errors)")
    }
  }

  @Test func manyQueriesShareOneConnection() async throws {
    try await SteerProcess.serving { server in
      let answer = try await DNSClient.kdig.ask(
        server.endpoint, from: "127.0.0.12", overTCP: true, "+keepopen", "+short", Self.name,
        "github.intra.aibang.local", "ns1.intra.aibang.local")
      #expect(answer.lines == ["10.96.7.11", "10.96.7.20", "10.96.77.10"])
    }
  }

  @Test func pipelinedQueriesAreAnsweredInOrder() async throws {
    try await SteerProcess.serving { server in
      let client = try server.client(overTCP: true)
      let frames = (1...100).map { WireQuery(id: $0, Self.name, .a).framed }
      try client.send(frames.flatMap(\.self))
      for id in UInt16(1)...100 {
        let answer = try LDNSMessage(try #require(try client.receive()))
        #expect(answer.id == id && answer.answer.count == 1)
      }
    }
  }

  @Test(arguments: [1, 2, 7])
  func aQueryInPiecesIsAnswered(cutAt cut: Int) async throws {
    try await SteerProcess.serving { server in
      let client = try server.client(overTCP: true)
      let frame = WireQuery(id: 1, Self.name, .a).framed
      try client.send(frame + WireQuery(id: 2, Self.name, .a).framed.prefix(cut))
      #expect(try LDNSMessage(try #require(try client.receive())).id == 1)
      try client.send(Array(WireQuery(id: 2, Self.name, .a).framed.dropFirst(cut)))
      #expect(try LDNSMessage(try #require(try client.receive())).id == 2)
    }
  }

  @Test func aClientThatIsDoneSendingGetsItsAnswers() async throws {
    try await SteerProcess.serving { server in
      let client = try server.client(overTCP: true)
      try client.send((1...3).flatMap { WireQuery(id: $0, Self.name, .a).framed })
      client.endInput()
      for id in UInt16(1)...3 {
        let answer = try LDNSMessage(try #require(try client.receive()))
        #expect(answer.id == id && answer.rcode == 0)
      }
      #expect(try client.receive() == nil)
    }
  }

  /// One connection is all there is: another client is served only once the greedy one is gone.
  @Test func aClientThatTakesNoAnswersLosesItsConnection() async throws {
    let limits = ["STEER_TCP_CONNECTIONS": "1", "STEER_TCP_IDLE_SECONDS": "1"]
    try await SteerProcess.serving(environment: limits) { server in
      let greedy = try server.client(overTCP: true)
      // More answers than the buffers of both ends hold; none is read.
      try greedy.sendUntilBlocked(WireQuery("_explain.microsoft.intra.aibang.local", .txt).framed)
      try await eventually("the connection is free") {
        (try? server.client(overTCP: true).ask(WireQuery(Self.name, .a).octets)) != nil
      }
    }
  }

  /// What is no query keeps no connection: the only one is free again although something comes all the time.
  @Test func aClientThatSendsNoQueriesLosesItsConnection() async throws {
    let limits = ["STEER_TCP_CONNECTIONS": "1", "STEER_TCP_IDLE_SECONDS": "1"]
    try await SteerProcess.serving(environment: limits) { server in
      let idle = try server.client(overTCP: true)
      try await eventually("the connection is free") {
        // Frames of no octets, and one of a response.
        try? idle.send([0, 0, 0, 0, 0, 12, 0, 1, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        return (try? server.client(overTCP: true).ask(WireQuery(Self.name, .a).octets)) != nil
      }
    }
  }

  @Test(arguments: DNSClient.allCases, [false, true])
  func anIPv6ListenerAnswers(_ client: DNSClient, overTCP: Bool) async throws {
    try await SteerProcess.serving(listen: ["127.0.0.1:0", "[::1]:0"]) { server in
      #expect(server.endpoints.count == 2)
      for endpoint in server.endpoints {
        let answer = try await client.ask(endpoint, overTCP: overTCP, "ns1.intra.aibang.local", "A")
        #expect(answer.output.contains("10.96.77.10"), "\(answer.output)")
      }
    }
  }

  @Test func aServerOnEveryAddressAnswersFromTheOneThatWasAsked() async throws {
    try await SteerProcess.serving(listen: ["0.0.0.0:0", "[::]:0"]) { server in
      for (endpoint, host) in zip(server.endpoints, ["127.0.0.77", "::1"]) {
        let asked = Endpoint(address: try #require(IPAddress(host)), port: endpoint.port)
        let answer = try await DNSClient.dig.ask(asked, "+short", "ns1.intra.aibang.local")
        #expect(answer.lines == ["10.96.77.10"])
      }
    }
  }
}

extension WireQuery {
  /// The message as TCP wants it: its length in front.
  var framed: [UInt8] {
    let message = octets
    return [UInt8(message.count >> 8), UInt8(message.count & 0xFF)] + message
  }
}

extension WorkingFolder {
  /// A policy with one name that every client is answered with a number of addresses.
  fileprivate static func headless(backends: Int) throws -> WorkingFolder {
    let folder = try WorkingFolder()
    try folder.write(TestPolicy.manyAddresses(backends), to: "policy.yaml")
    return folder
  }
}
