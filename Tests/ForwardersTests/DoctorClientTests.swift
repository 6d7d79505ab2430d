import DNSWire
import Forwarders
import Synchronization
import Testing

/// The client takes the answer to its own question, in time, and nothing else.
@Suite struct DoctorClientTests {
  private static let loopback = IPAddress(v4: 0x7F00_0001)

  private func query(_ resolver: LoopbackResolver, _ transport: DNSQuery.Transport = .udp) throws -> DNSQuery {
    var query = DNSQuery(try DomainName("_canary.\(FakePath.zone)"), .txt, to: resolver.endpoint)
    query.transport = transport
    return query
  }

  private func path(_ change: (inout FakePath.Settings) -> Void = { _ in }) -> FakePath {
    FakePath {
      $0.namespaces = [Self.loopback: "team-a"]
      change(&$0)
    }
  }

  @Test(arguments: [DNSQuery.Transport.udp, .tcp])
  func asks(over transport: DNSQuery.Transport) throws {
    let path = path()
    let resolver = try LoopbackResolver { query, transport in
      path.respond(to: query, from: Self.loopback, transport).map { [$0] } ?? []
    }
    defer { resolver.stop() }
    guard case .answer(let answer) = DNSClient(timeout: 20).ask(try query(resolver, transport)) else {
      Issue.record("no answer")
      return
    }
    #expect(answer.localAddress == Self.loopback)
    #expect(Canary(answer.response)?.client == Self.loopback)
    #expect(Canary(answer.response)?.transport == transport.rawValue)
  }

  @Test func examinesALiveResolver() throws {
    let path = path()
    let resolver = try LoopbackResolver { query, transport in
      path.respond(to: query, from: Self.loopback, transport).map { [$0] } ?? []
    }
    defer { resolver.stop() }
    var options = Doctor.Options(zone: try DomainName(FakePath.zone), resolvers: [resolver.endpoint])
    options.namespace = "team-a"
    options.configuration = ResolverConfiguration("")
    options.nameServices = NameServiceSwitch("hosts: dns")
    let report = Doctor(options, client: DNSClient(timeout: 20)).run()
    #expect(report.checks.compactMap(\.code) == [])
    #expect(report.count(.ok) == report.checks.count - 1)
  }

  @Test func passesOverWhatAnswersAnotherQuestion() throws {
    let path = path()
    let resolver = try LoopbackResolver { query, transport in
      guard let right = path.respond(to: query, from: Self.loopback, transport) else { return [] }
      // What is not to be taken is a refusal, so that it shows if it was.
      var wrong = right
      wrong[3] |= 5
      var otherID = wrong
      otherID[0] ^= 0xFF
      var otherName = wrong
      otherName[14] ^= 0x01
      var noResponse = wrong
      noResponse[2] &= 0x7F
      return [otherID, otherName, noResponse, [], [1], Array(right.prefix(11)), right]
    }
    defer { resolver.stop() }
    guard case .answer(let answer) = DNSClient(timeout: 20).ask(try query(resolver)) else {
      Issue.record("no answer")
      return
    }
    #expect(answer.response.rcode == .noError)
  }

  @Test func asksOverUDPTwice() throws {
    let path = path()
    let asked = Atomic(0)
    let resolver = try LoopbackResolver { query, transport in
      guard asked.add(1, ordering: .relaxed).newValue == 2 else { return [] }
      return path.respond(to: query, from: Self.loopback, transport).map { [$0] } ?? []
    }
    defer { resolver.stop() }
    guard case .answer = DNSClient(timeout: 1).ask(try query(resolver)) else {
      Issue.record("no answer")
      return
    }
    #expect(asked.load(ordering: .relaxed) == 2)
  }

  @Test(arguments: [DNSQuery.Transport.udp, .tcp])
  func saysWhatWentWrong(over transport: DNSQuery.Transport) throws {
    let silent = try LoopbackResolver { _, _ in [] }
    let question = try query(silent, transport)
    switch (DNSClient(timeout: 0.05).ask(question), transport) {
    case (.timeout, .udp), (.failure, .tcp), (.timeout, .tcp): break
    case (let outcome, _): Issue.record("\(outcome)")
    }
    silent.stop()
    var impossible = question
    impossible.source = IPAddress("203.0.113.9")
    guard case .failure = DNSClient(timeout: 1).ask(impossible) else {
      Issue.record("asked from an address that is not ours")
      return
    }
  }

  @Test func takesMalformedAnswersForFailures() throws {
    let resolver = try LoopbackResolver { query, _ in
      // One record is announced, and none is there.
      let question = query.dropFirst(12).prefix { $0 != 0 } + [0, 0, 16, 0, 1]
      return [Array(query.prefix(2)) + [0x81, 0, 0, 1, 0, 1, 0, 0, 0, 0] + question]
    }
    defer { resolver.stop() }
    for transport in [DNSQuery.Transport.udp, .tcp] {
      guard case .failure(let reason) = DNSClient(timeout: 20).ask(try query(resolver, transport)) else {
        Issue.record("a malformed answer was taken")
        continue
      }
      #expect(reason.contains("malformed"))
    }
  }
}
