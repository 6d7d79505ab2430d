import DNSWire
import Forwarders
import Foundation
import Testing

/// Every fault of the way to a zone has its code, and only the fault brings it.
@Suite struct DoctorTests {
  private static let resolver = Endpoint(address: IPAddress(v4: 0x0A60_000A), port: 53)

  private func report(
    _ path: FakePath, change: (inout Doctor.Options) -> Void = { _ in }
  ) throws -> DoctorReport {
    var options = Doctor.Options(zone: try DomainName(FakePath.zone), resolvers: [Self.resolver])
    options.namespace = "team-a"
    options.configuration = ResolverConfiguration("nameserver 10.96.0.10\n")
    options.nameServices = NameServiceSwitch("hosts: files dns\n")
    change(&options)
    return Doctor(options, client: path).run()
  }

  private func findings(_ report: DoctorReport) -> [String] {
    report.checks.compactMap { check in check.code.map { "\(check.status.rawValue) \($0.rawValue)" } }
  }

  @Test func findsNothingWhereNothingIsWrong() throws {
    let report = try report(FakePath())
    #expect(findings(report) == [])
    // The filter for private addresses cannot be told without a name and a server to compare with.
    #expect(report.checks.filter { $0.status == .skipped }.map(\.check) == [.filter])
    #expect(!report.hasErrors)
    let compared = try self.report(FakePath()) {
      $0.name = try? DomainName("proxy._canary.\(FakePath.zone)")
      $0.server = Endpoint("10.96.77.10:53")
    }
    #expect(compared.count(.ok) == compared.checks.count)
  }

  @Test(arguments: PathFault.all)
  func finds(_ fault: PathFault) throws {
    let report = try report(FakePath(fault.change))
    #expect(findings(report) == fault.findings, "\(report.text)")
    for check in report.checks where check.code != nil {
      #expect(check.fix?.isEmpty == false && check.why?.isEmpty == false)
    }
  }

  @Test func doesNotJudgeLongAnswersThatTheServerKeepsFromStrangers() throws {
    let report = try report(FakePath { $0.trusted = false })
    let long = report.checks.filter { $0.check == .largeAnswers }
    #expect(long.map(\.status) == [.skipped] && report.text.contains("for clients that it knows"), "\(report.text)")
  }

  @Test func findsReplicasThatDiffer() throws {
    // More than one check sees the mute replica, as chance has it.
    #expect(findings(try report(FakePath { $0.alternates = true })).contains("error mixed-answers"))
  }

  @Test func provesASharedCacheFromTwoAddresses() throws {
    let shared = try report(FakePath { $0.cachesText = true }) { $0.alsoFrom = FakePath.other }
    #expect(findings(shared) == ["error shared-cache"])
    let addresses = try report(FakePath { $0.cachesAddresses = true }) { $0.alsoFrom = FakePath.other }
    #expect(findings(addresses) == ["error shared-cache"])
    let apart = try report(
      FakePath {
        $0.cachesText = true
        $0.cacheHeedsClient = true
      }
    ) { $0.alsoFrom = FakePath.other }
    #expect(findings(apart) == [])
  }

  @Test func twoDoctorsMeetAtTheFixedName() throws {
    let path = FakePath { $0.cachesText = true }
    _ = path.ask(try query("_canary.\(FakePath.zone)", from: FakePath.other))
    let met = try report(path)
    #expect(findings(met) == ["error shared-cache"])
    #expect(met.checks.first { $0.check == .cache }?.seen.contains("team-b") == true)
  }

  private func query(_ name: String, from source: IPAddress) throws -> DNSQuery {
    var query = DNSQuery(try DomainName(name), .txt, to: Self.resolver)
    query.source = source
    return query
  }

  @Test func fixesCanBePasted() throws {
    let lost = try report(FakePath { $0.setsClient = false }).text
    #expect(lost.contains("rewrite continue edns0 local unset 0xffee"))
    #expect(lost.contains("rewrite edns0 local set 0xffee {client_ip} revert"))
    #expect(try report(FakePath { $0.trusted = false }).text.contains("- cidr: 10.8.0.53/32"))
    #expect(try report(FakePath { $0.cachesText = true }).text.contains("Remove the line 'cache'"))
  }

  @Test func whatAClientSendsIsTakenAwayByTheProgramThatIsThere() throws {
    let foreign = try report(
      FakePath {
        $0.sources = ["edns-client-ip:65518", "edns-client-subnet", "source-address"]
        $0.setsClient = false
        $0.setsSubnet = 32
        $0.unsets = [8]
      }
    ).text
    for line in [
      "        - cidr: 10.8.0.53/32", "          sources: [edns-client-subnet]",
      "    rewrite continue edns0 local unset 0xffee", "EDNSOptionRule(65518)",
    ] {
      #expect(foreign.contains(line), "\(foreign)")
    }
    #expect(!foreign.contains("--strip-subnet") && !foreign.contains(" set "))
    let doubled = try report(
      FakePath {
        $0.sources = ["edns-client-subnet"]
        $0.setsClient = false
        $0.setsSubnet = 32
        $0.unsets = []
      }
    ).text
    for line in ["rewrite continue edns0 subnet unset", "dnsmasq: --strip-subnet", "EDNSOptionRule(8)"] {
      #expect(doubled.contains(line), "\(doubled)")
    }
    #expect(!doubled.contains("trustedForwarders"), "its only source cannot be taken from it")
  }

  @Test func whatCouldNotBeDoneIsNeverOK() throws {
    // What stands in the host's own files can be told without an answer.
    let told: Set<DoctorCheck.Subject> = [.searchPath, .mdns]
    for report in [
      try report(FakePath { $0.silent = true }), try report(FakePath()) { $0.timeLimit = 0 },
    ] {
      #expect(Set(report.checks.filter { $0.status == .ok }.map(\.check)).isSubset(of: told))
    }
  }

  @Test func programsReadStableKeys() throws {
    let report = try report(FakePath { $0.setsClient = false })
    let text = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
    for part in [
      "\"check\":\"identity\"", "\"code\":\"identity-lost\"", "\"status\":\"error\"", "\"fix\":", "\"seen\":",
    ] {
      #expect(text.contains(part))
    }
    #expect(text.contains("\"zone\":\"intra.aibang.local\"") && text.contains("\"resolvers\":[\"10.96.0.10:53\"]"))
  }
}
