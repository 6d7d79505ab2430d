import DNSWire
import Foundation
import TestSupport
import Testing

/// A pod that says it were another, through every forwarder and directly: it is never taken for the other.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ForgerTests {
  /// Policies: the one for the forwarder, and one for many forwarders, which believes each in its own source.
  private static let amongMany = [false, true]

  @Test(arguments: GoodForwarder.allCases.filter { !$0.isForgeable }, amongMany)
  func throughAForwarderAForgerIsNeverTheOther(_ forwarder: GoodForwarder, amongMany: Bool) async throws {
    try await Lab.open { lab in
      var identity = amongMany ? Lab.Identity.everything : forwarder.identity
      identity.believed = forwarder.identity.sources
      try await lab.serve(behind: forwarder, identity)
      try await Self.forge(
        in: lab, at: Endpoint(Lab.Place.resolver), atMost: forwarder.program == .dnsmasq ? 16 : 100)
    }
  }

  @Test(arguments: [53, 5301, 5302] as [UInt16])
  func directlyAForgerIsNeverTheOther(port: UInt16) async throws {
    try await Lab.open { lab in
      try await lab.serve(lab.policy(.everything))
      try await Self.forge(in: lab, at: Endpoint(Lab.Place.steer, port: port))
    }
  }

  /// What shows that the tests above could fail: of a trusted sender each claim is believed.
  @Test(arguments: 0..<4)
  func theSameClaimsOfTheForwarderNameTheOther(claim: Int) async throws {
    try await Lab.open { lab in
      try await lab.serve(lab.policy(.everything))
      let forgery = Forgery(of: .teamB, seed: 0)
      // The fourth is no claim, but a PROXY header is.
      let header = claim == 3 ? forgery.proxyHeaders()[1] : []
      let query = WireQuery.asking(Lab.steeredName, options: forgery.claims[claim])
      let answer = try await lab.exchange(header + query.octets, from: .resolver, with: .steer)
      #expect(Forger.Outcome.disclosure(in: answer) == "a proxy of team-b")
      let own = try await lab.exchange(header + query.octets, from: .teamA, with: .steer)
      #expect(Forger.Outcome.disclosure(in: own) == nil)
    }
  }

  /// The limit of unbound: why a pod must not be let to it, and why the doctor and the renderer warn.
  @Test func throughUnboundAForgerWithASubnetIsTheOther() async throws {
    try await Lab.open { lab in
      try await lab.serve(behind: .unboundByECS)
      let subnet = WireQuery.asking(Lab.steeredName, options: Forgery(of: .teamB, seed: 0).claims[2])
      let answer = try await lab.exchange(subnet.octets, from: .teamA, with: .resolver)
      #expect(Forger.Outcome.disclosure(in: answer) == "a proxy of team-b")
    }
  }

  /// Why a forwarder is believed in one source alone: dnsmasq adds none to a message that it has no room in, and lets
  /// the others pass.
  @Test func aForwarderThatIsBelievedInSeveralSourcesLetsALongQueryForgeOne() async throws {
    try await Lab.open { lab in
      try await lab.serve(behind: .dnsmasqByECS, .everything)
      let forgery = Forgery(of: .teamB, seed: 0)
      let padding = Forgery.option(12, .init(repeating: 0, count: 500))
      let long = WireQuery.asking(Lab.steeredName, options: forgery.claims[0] + padding)
      let answer = try await lab.exchange(long.octets, from: .teamA, with: .resolver)
      #expect(Forger.Outcome.disclosure(in: answer) == "a proxy of team-b")
    }
  }

  /// Forges; over at most `limit` connections, of which dnsmasq takes 20 at one time.
  private static func forge(
    in lab: Lab, at server: Endpoint, atMost limit: Int = 100, _ location: SourceLocation = #_sourceLocation
  )
    async throws
  {
    var forgery = Forgery(of: .teamB, seed: 0x5EED)
    var messages = forgery.messages()
    let plain = messages
    messages += forgery.proxyHeaders().enumerated().flatMap { place, header in
      [header + forgery.message([]), header + plain[place], header]
    }
    let datagrams = messages
    let broken = forgery.proxyHeaders().flatMap { header in
      [header + forgery.message([]).framed, (header + forgery.message([])).framed]
    }
    let streams = (forgery.wellFormedMessages().map(\.framed).chunked(by: 40) + broken).prefix(limit)
    let forger = Forger(server: server)
    let outcomes = try await lab.inside(.teamA) {
      [try forger.sendDatagrams(datagrams), try forger.sendStreams(Array(streams), of: datagrams)]
    }
    for outcome in outcomes {
      #expect(outcome.disclosures.isEmpty, sourceLocation: location)
      // The forger was heard, and is itself in between.
      #expect(outcome.answers > plain.count / 4 && outcome.own > 0, "\(outcome)", sourceLocation: location)
    }
  }
}

extension WireQuery {
  /// A question for addresses with options, as a client of a resolver asks it.
  fileprivate static func asking(_ name: String, options: [UInt8]) -> WireQuery {
    var query = WireQuery(name, .a)
    query.flags = 0x0100
    query.edns?.options = options
    return query
  }
}

extension Lab {
  /// Sends one datagram from a place to another, and takes the answer.
  fileprivate func exchange(_ datagram: [UInt8], from place: Place, with server: Place) async throws -> [UInt8] {
    let endpoint = try Endpoint(server)
    let source = try #require(IPAddress(place.address))
    return try await inside(place) { try LoopbackClient(from: source, to: endpoint).ask(datagram) }
  }
}

extension Endpoint {
  /// A place of the lab.
  init(_ place: Lab.Place, port: UInt16 = 53) throws {
    self.init(address: try #require(IPAddress(place.address)), port: port)
  }
}

extension [UInt8] {
  /// The message as TCP wants it: its length in front.
  fileprivate var framed: [UInt8] { [UInt8(count >> 8), UInt8(count & 0xFF)] + self }
}

extension [[UInt8]] {
  /// The octets of every few arrays, together.
  fileprivate func chunked(by count: Int) -> [[UInt8]] {
    stride(from: 0, to: self.count, by: count).map { start in
      self[start..<Swift.min(start + count, self.count)].flatMap(\.self)
    }
  }
}
