import Foundation
import TestSupport
import Testing

/// What pods see of the egress path, all parts of which are real.
@Suite(.serialized, .timeLimit(.minutes(10))) struct EgressPathTests {
  @Test func aPodReachesWhatItMayByTheProxysNameAndNothingElse() async throws {
    try await EgressLab.open { egress, _ in
      let allowed = try await egress.curl(through: EgressLab.proxyByName, from: .teamA)
      #expect(allowed.exit == 0 && allowed.connect == 200 && allowed.status == 200, "\(allowed)")
      #expect(allowed.body == "this is login.microsoft.com", "\(allowed)")

      // Another namespace's view leads to another Service.
      let canary = try await egress.curl(through: EgressLab.proxyByName, from: .teamB)
      #expect(canary.connect == 200 && canary.trace.contains(EgressLab.Service.canary.address), "\(canary)")

      // Refused by Steer, not by a parent: the header says why.
      let other = try await egress.curl(EgressLab.otherURL, through: EgressLab.proxyByName, from: .teamA)
      #expect(other.exit == 56 && other.connect == 403, "\(other)")
      #expect(other.trace.contains("X-Steer-Reason: destination"), "\(other)")
      let address = try await egress.curl(
        "https://\(Lab.Place.origin.address)", through: EgressLab.proxyByName, from: .teamA)
      #expect(address.exit == 56 && address.connect == 403, "\(address)")
    }
  }

  @Test func aPodOfAnotherNamespaceHasNeitherTheNameNorTheProxy() async throws {
    try await EgressLab.open { egress, _ in
      // The resolver works for this pod too: it is the name that is not there.
      let zone = try await egress.lab.ask("intra.aibang.local", .soa, from: .teamC)
      #expect(zone.rcode == 0)
      let byName = try await egress.curl(through: EgressLab.proxyByName, from: .teamC)
      #expect(byName.exit == 5, "curl cannot resolve the proxy's name: \(byName)")

      for service in [EgressLab.Service.microsoft, .canary, .github] {
        let byHand = try await egress.curl(through: "http://\(service.endpoint)", from: .teamC)
        #expect(byHand.exit == 56 && byHand.connect == 403, "\(byHand)")
        #expect(byHand.trace.contains("X-Steer-Reason: noRule"), "\(byHand)")
      }
      // A route that another rule allows to its namespace is not open to this one.
      let github = try await egress.curl(
        "https://github.com", through: "http://\(EgressLab.Service.github.endpoint)", from: .teamA)
      #expect(github.exit == 56 && github.connect == 403, "\(github)")
    }
  }

  @Test func theLogsNamePodRouteRuleAndGeneration() async throws {
    try await EgressLab.open { egress, _ in
      let generation = try ServedGeneration(
        of: await egress.lab.ask("_generation.intra.aibang.local", .txt, from: .teamA))
      let allowed = try await egress.curl(through: EgressLab.proxyByName, from: .teamA)
      #expect(allowed.connect == 200, "\(allowed)")
      let denied = try await egress.curl(
        through: "http://\(EgressLab.Service.microsoft.endpoint)", from: .teamC)
      #expect(denied.connect == 403, "\(denied)")

      for log in [egress.connectLog, egress.accessLog] {
        for (pod, namespace, rule) in [("api-1", "team-a", "team-a/microsoft"), ("batch-1", "team-c", nil)] {
          try await eventually("\(log) tells of \(namespace)") {
            let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
            let words =
              [pod, namespace, "login.microsoft.com", "microsoft", "\(generation.serial)"] + (rule.map { [$0] } ?? [])
            return lines.contains { line in words.allSatisfy(line.contains) }
          }
        }
      }
    }
  }
}
