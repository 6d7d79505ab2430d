import TestSupport
import Testing

/// What users of dig, kdig and drill see of the example zone.
@Suite struct ServedAnswerTests {
  @Test(arguments: DNSClient.allCases, [false, true])
  func eachTeamSeesItsOwnProxy(_ client: DNSClient, overTCP: Bool) async throws {
    try await SteerProcess.serving { server in
      let name = "microsoft.intra.aibang.local"
      let teamA = try await client.ask(server.endpoint, from: "127.0.0.11", overTCP: overTCP, name, "A")
      #expect(teamA.output.contains("NOERROR") && teamA.output.contains("10.96.7.10"), "\(teamA.output)")
      let teamB = try await client.ask(server.endpoint, from: "127.0.0.12", overTCP: overTCP, name, "A")
      #expect(teamB.output.contains("NOERROR") && teamB.output.contains("10.96.7.11"), "\(teamB.output)")
      let teamC = try await client.ask(server.endpoint, from: "127.0.0.13", overTCP: overTCP, name, "A")
      #expect(teamC.output.contains("NXDOMAIN") && !teamC.output.contains("10.96.7."), "\(teamC.output)")
      #expect(teamC.output.contains("SOA\tns1.intra.aibang.local."), "\(teamC.output)")
    }
  }

  @Test func aDenialSaysWhy() async throws {
    try await SteerProcess.serving { server in
      let answer = try await DNSClient.dig.ask(server.endpoint, from: "127.0.0.13", "microsoft.intra.aibang.local")
      #expect(answer.output.contains("EDE: 18 (Prohibited): (no rule allows it"), "\(answer.output)")
    }
  }

  @Test(arguments: [false, true])
  func anIPv4OnlyNameHasNoDataForIPv6(overTCP: Bool) async throws {
    try await SteerProcess.serving { server in
      let answer = try await DNSClient.dig.ask(
        server.endpoint, from: "127.0.0.11", overTCP: overTCP, "microsoft.intra.aibang.local", "AAAA")
      #expect(answer.output.contains("status: NOERROR"))
      #expect(answer.output.contains("ANSWER: 0, AUTHORITY: 1"))
      #expect(answer.output.contains("SOA\tns1.intra.aibang.local."))
    }
  }

  @Test func explainTellsTheAskerHowItsNameWasDecided() async throws {
    try await SteerProcess.serving { server in
      let answer = try await DNSClient.dig.ask(
        server.endpoint, from: "127.0.0.12", "_explain.microsoft.intra.aibang.local", "TXT", "+short")
      let generation = try server.generation()
      for text in [
        "client=127.0.0.12", "namespace=team-b", "pod=api-1", "serviceAccount=api", "route=microsoft",
        "decision=Allow",
        "rule=team-b/microsoft-canary, priority 50", "generation=\(generation.identifier.dropFirst("steer ".count))",
      ] {
        #expect(answer.output.contains("\"\(text)\""), "\(answer.output)")
      }
    }
  }

  @Test func theGenerationIsTheOneOfTheSOA() async throws {
    try await SteerProcess.serving { server in
      let generation = try server.generation()
      #expect(generation.digest.count == 64)
      let answer = try await DNSClient.kdig.ask(server.endpoint, "intra.aibang.local", "SOA", "+short")
      #expect(answer.output.contains(" \(generation.serial) "), "\(answer.output)")
    }
  }

  @Test func anAliasOfTheApexHasTheSameNames() async throws {
    try await SteerProcess.serving { server in
      let steered = try server.ask("microsoft.intra.aibang.internal")
      #expect(steered.answer == ["microsoft.intra.aibang.internal. 10 IN A 10.96.7.10"])
      let apex = try server.ask("intra.aibang.internal", .soa)
      #expect(apex.answer.first?.hasPrefix("intra.aibang.internal. 5 IN SOA ns1.intra.aibang.local.") == true)
    }
  }

  @Test(arguments: DNSClient.allCases)
  func aStaticAliasLeadsToItsTarget(_ client: DNSClient) async throws {
    try await SteerProcess.serving { server in
      let answer = try await client.ask(server.endpoint, "www.status.intra.aibang.local", "TXT")
      #expect(answer.output.contains("CNAME\tstatus.intra.aibang.local."), "\(answer.output)")
      #expect(answer.output.contains("egress of the API platform; ask #platform-egress"), "\(answer.output)")
    }
  }

  @Test func aNameOutsideEveryZoneIsRefused() async throws {
    try await SteerProcess.serving { server in
      let answer = try await DNSClient.dig.ask(server.endpoint, "www.example.com")
      #expect(answer.output.contains("status: REFUSED"))
      #expect(answer.output.contains("EDE: 20 (Not Authoritative)"))
    }
  }
}
