import DNSWire
import Forwarders
import Testing

/// What a host's own files do to a zone.
@Suite struct DoctorHostTests {
  private func check(
    _ subject: DoctorCheck.Subject, zone: String = FakePath.zone, _ path: FakePath = FakePath(),
    _ change: (inout Doctor.Options) -> Void
  ) throws -> DoctorCheck {
    let resolver = Endpoint(address: IPAddress(v4: 0x0A60_000A), port: 53)
    var options = Doctor.Options(zone: try DomainName(zone), resolvers: [resolver])
    change(&options)
    return try #require(Doctor(options, client: path).run().checks.first { $0.check == subject })
  }

  private static let cluster = """
    search team-a.svc.cluster.local svc.cluster.local cluster.local
    nameserver 10.96.0.10
    options ndots:5
    """

  @Test func countsTheQuestionsOfALookup() throws {
    let warned = try check(.searchPath) { $0.configuration = ResolverConfiguration(Self.cluster) }
    #expect(warned.code == .searchPath && warned.status == .warning)
    #expect(warned.seen.contains("costs 8 questions (ndots:5, 3 search names first)"))
    let two = try check(.searchPath) {
      $0.configuration = ResolverConfiguration(Self.cluster.replacing("ndots:5", with: "ndots:2"))
    }
    #expect(two.status == .ok)
    #expect(try check(.searchPath) { _ in }.status == .skipped)
  }

  @Test func aSearchNameThatAnswersIsAnError() throws {
    let check = try check(.searchPath, FakePath { $0.answersSearch = true }) {
      $0.configuration = ResolverConfiguration(Self.cluster)
    }
    #expect(check.status == .error && check.code == .searchPath)
  }

  @Test func multicastTakesLocal() throws {
    let line = "hosts: files mdns4_minimal [NOTFOUND=return] dns\n"
    let warned = try check(.mdns) { $0.nameServices = NameServiceSwitch(line) }
    #expect(warned.code == .mdnsLocal && warned.fix?.contains("intra.aibang.internal") == true)
    #expect(try check(.mdns, zone: "example.internal") { $0.nameServices = NameServiceSwitch(line) }.status == .ok)
    #expect(try check(.mdns) { $0.nameServices = NameServiceSwitch("hosts: files dns mdns4\n") }.status == .ok)
    #expect(try check(.mdns) { _ in }.status == .skipped)
    let stub = Endpoint(address: IPAddress(v4: 0x7F00_0035), port: 53)
    #expect(try check(.mdns) { $0.resolvers = [stub] }.status == .warning)
    #expect(try check(.mdns, FakePath { $0.rcode = 5 }) { $0.resolvers = [stub] }.status == .error)
  }

  @Test func resolversThatDifferAreFound() throws {
    let good = Endpoint(address: IPAddress(v4: 0x0A60_000A), port: 53)
    let bad = Endpoint(address: IPAddress(v4: 0x0808_0808), port: 53)
    let pair = PairOfPaths(first: good, FakePath(), FakePath { $0.rcode = 3 })
    var options = Doctor.Options(zone: try DomainName(FakePath.zone), resolvers: [good, bad])
    options.namespace = "team-a"
    let report = Doctor(options, client: pair).run()
    #expect(report.checks.compactMap(\.code) == [.notServed, .mixedAnswers])
    #expect(report.checks.first { $0.code == .notServed }?.resolver == "8.8.8.8:53")
    #expect(report.text.contains("8.8.8.8:53: "))
  }

  /// Two resolvers, told apart by their endpoint.
  private struct PairOfPaths: DNSAsking {
    let first: Endpoint
    let one: FakePath
    let two: FakePath

    init(first: Endpoint, _ one: FakePath, _ two: FakePath) {
      (self.first, self.one, self.two) = (first, one, two)
    }

    func ask(_ query: DNSQuery) -> DNSOutcome { query.server == first ? one.ask(query) : two.ask(query) }
  }
}
