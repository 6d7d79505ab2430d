import DNSWire
import Forwarders
import Foundation
import SteeringPolicy
import Testing

@Suite struct CorefileCheckerTests {
  /// The names of the fixtures, which are those of the findings that they show.
  static let fixtures: [String] = {
    let folder = RenderingFixture.folder.appending(path: "Corefiles")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted()
  }()

  /// What the comments at a fixture's head say.
  private func header(_ key: String, of text: String) -> String? {
    text.split(separator: "\n").prefix { $0.hasPrefix("# ") }.first { $0.hasPrefix("# \(key): ") }
      .map { String($0.dropFirst(key.count + 4)) }
  }

  private func expectation(
    sources: String = "edns-client-ip:65518", servers: [String] = []
  ) throws -> CorefileChecker.Expectation {
    var zones = try RenderingFixture.zones(sources: sources)
    zones[0].aliases = []
    return CorefileChecker.Expectation(zones: zones, servers: servers.compactMap { Endpoint($0) })
  }

  @Test(arguments: fixtures)
  func fixtureShowsItsFindingAndNoOther(fixture: String) throws {
    let text = try RenderingFixture.text("Corefiles/\(fixture)")
    let expectation = try expectation(
      sources: header("sources", of: text) ?? "edns-client-ip:65518",
      servers: header("servers", of: text).map { [$0] } ?? [])
    let report = CorefileChecker(expectation).check(text, path: fixture)
    let name = fixture.prefix { $0 != "." }
    let also = header("also", of: text).map { [$0] } ?? []
    #expect(Set(report.findings.map(\.code.rawValue)) == Set([String(name)] + also), "\(report.findings)")
    let shown = try #require(report.findings.first { $0.code.rawValue == name })
    #expect(shown.location.description == "\(fixture):\(header("at", of: text) ?? "")")
    #expect(shown.message.contains(where: { ":;,".contains($0) }) && shown.message.count < 400)
    #expect(shown.description.hasSuffix(": \(shown.severity.rawValue): \(shown.message) [\(name)]"))
  }

  @Test func everyCodeHasItsFixture() {
    let shown = Set(Self.fixtures.map { String($0.prefix { $0 != "." }) })
    let all = Set(CorefileFindingCode.allCases.map(\.rawValue)).subtracting(["corefile-too-large"])
    #expect(all.symmetricDifference(shown) == [])
  }

  @Test(arguments: RenderingTests.combinations.filter { $0.0 == .coredns || $0.0 == .nodelocal })
  func whatIsRenderedPasses(forwarder: Forwarder, method: IdentityMethod) throws {
    let request = try RenderingFixture.request(forwarder, method)
    let bind = forwarder == .nodelocal ? "    bind __PILLAR__LOCAL__DNS__ __PILLAR__DNS__SERVER__\n" : ""
    let text =
      ".:53 {\n\(bind)    forward . /etc/resolv.conf\n    cache 30\n}\n"
      + (try ForwarderConfiguration(request).text)
    let servers = request.servers + request.views.flatMap(\.endpoints)
    for expectation in [
      CorefileChecker.Expectation(zones: request.zones, servers: servers),
      CorefileChecker.Expectation(apexes: request.zones.flatMap(\.apexes), servers: servers),
    ] {
      let report = CorefileChecker(expectation).check(text, path: "Corefile")
      #expect(report.findings == [])
      #expect(report.stubs == request.zones.flatMap(\.apexes).sorted())
    }
    let alone = CorefileChecker().check(text, path: "Corefile")
    #expect(!alone.hasErrors, "\(alone.findings)")
    #expect(alone.stubs.count == 2)
  }

  @Test func fileThatIsTooLargeIsNotRead() {
    let text = String(repeating: "# 34567\n", count: 1 << 17) + "#"
    let report = CorefileChecker().check(text, path: "Corefile")
    #expect(report.findings.map(\.code) == [.corefileTooLarge])
  }

  @Test func zoneIsFoundWithoutPolicyByItsName() throws {
    let text = "intra.aibang.local {\n  forward . 10.0.0.1\n}\n"
    #expect(CorefileChecker().check(text, path: "Corefile").findings.map(\.code) == [.stubMissing])
    let report = CorefileChecker(.init(apexes: [try DomainName("intra.aibang.local")])).check(text, path: "Corefile")
    #expect(Set(report.findings.map(\.code)) == [.identityMissing, .healthCheckMissing])
  }

  @Test func snippetsAreReadWhereTheyAreImported() throws {
    let text = """
      (common) {
        errors
        cache 30
      }
      intra.aibang.local, other.example {
        import common
        rewrite continue edns0 local unset 65518
        rewrite edns0 local set 65518 {client_ip} revert
        forward . tls://10.0.0.1 dns://[fd00::1]:53 {
          health_check 1s domain intra.aibang.local
        }
      }
      """
    let report = CorefileChecker(try expectation()).check(text, path: "Corefile")
    #expect(report.findings.map(\.description).count == 1)
    #expect(report.findings.first?.location.description == "Corefile:3:3")
    #expect(report.findings.first?.code == .cached)
  }

  @Test func proxyPortIsAllowedWhereSteerIs() throws {
    let text = try RenderingFixture.text("Corefiles/forward-to-proxy.Corefile")
    let expectation = try expectation(servers: ["10.96.77.10:3128"])
    #expect(CorefileChecker(expectation).check(text, path: "Corefile").findings == [])
  }
}
