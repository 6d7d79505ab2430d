import Foundation
import Glibc
import TestSupport
import Testing

/// What users see when a part of the egress path fails, and that it mends by itself.
@Suite(.serialized, .timeLimit(.minutes(15))) struct EgressFaultTests {
  private static let proxy = "http://\(EgressLab.Service.microsoft.endpoint)"

  @Test func aSquidThatIsKilledTakesItsOwnTunnelsAndComesBack() async throws {
    try await EgressLab.open { egress, _ in
      try await egress.awaitSquids()
      let before = try await egress.squids()
      let load = try await egress.load(tunnels: 40, from: .teamA)
      let victim = try #require(before.first)
      try await egress.measured("a killed Squid accepts again") {
        kill(victim, SIGKILL)
        try await eventually("there is another one") {
          let now = try await egress.squids()
          return now.count == 2 && !now.contains(victim)
        }
        try await egress.awaitSquids()
      }
      for _ in 0..<10 {
        let answer = try await egress.curl(through: Self.proxy, from: .teamA)
        #expect(answer.connect == 200 && answer.status == 200, "\(answer)")
      }
      let after = try await egress.squids()
      #expect(after.count == 2 && after.isSuperset(of: before.subtracting([victim])), "\(before) \(after)")
      let end = try await load.end()
      // The kernel spreads connections: each of the two Squids had some.
      #expect(end.alive > 0 && end.alive < 40 && load.closed == 40 - end.alive, "\(end)")
      // One new CONNECT at a time is under way, so no more than that one was lost.
      let lost = end.probes.filter { $0.key != "200" }
      #expect(lost.values.reduce(0, +) <= 1 && end.count(200) > 10, "\(end)")
      print("measured: probes beside a killed Squid: \(end.probes)")
    }
  }

  @Test func helpersThatAreKilledComeBackAndLetNobodyIn() async throws {
    try await EgressLab.open { egress, _ in
      try await egress.awaitSquids()
      let allowed = try await egress.load(tunnels: 20, from: .teamA)
      let denied = try await egress.load(tunnels: 0, from: .teamC)
      let before = try await egress.helpers()
      #expect(before.count == 2)
      for helper in before { kill(helper, SIGKILL) }
      try await egress.measured("killed helpers answer again") {
        try await eventually("the pod is served") {
          try await egress.curl(through: Self.proxy, from: .teamA).connect == 200
        }
      }
      try await eventually("each Squid has another helper") {
        let after = try await egress.helpers()
        return after.count == 2 && after.isDisjoint(with: before)
      }
      let refused = try await denied.end()
      #expect(refused.count(200) == 0 && refused.count(403) > 0, "\(refused)")
      let end = try await allowed.end()
      #expect(end.alive == 20, "\(end)")
      print("measured: probes beside killed helpers: \(end.probes)")
    }
  }

  @Test func withoutSteerNothingNewOpensAndItsReturnMendsIt() async throws {
    try await EgressLab.open { egress, steer in
      try await egress.awaitSquids()
      let before = try await egress.squids()
      let load = try await egress.load(tunnels: 20, from: .teamA)
      let denied = try await egress.load(tunnels: 0, from: .teamC)
      steer.send(SIGKILL)
      _ = try await steer.status()
      try await egress.measured("refused after Steer was killed") {
        try await eventually("a new CONNECT is refused") {
          try await egress.curl(through: Self.proxy, from: .teamA).connect != 200
        }
      }
      let refused = try await egress.curl(through: Self.proxy, from: .teamA)
      #expect(refused.exit == 56 && refused.connect == 403, "\(refused)")
      // Whoever looks into Squid's log finds why.
      let logs = try FileManager.default.contentsOfDirectory(atPath: egress.squidLogFolder)
      let texts = logs.filter { !$0.hasPrefix("access") }.map {
        (try? String(contentsOfFile: egress.squidLogFolder + "/" + $0, encoding: .utf8)) ?? ""
      }
      #expect(
        texts.contains { $0.contains("Steer cannot be asked, every request is refused until it can be") }, "\(logs)")

      _ = try await egress.measured("Steer listens again") { try await egress.startSteer() }
      try await egress.measured("served after Steer's return") {
        try await eventually("a new CONNECT is served") {
          try await egress.curl(through: Self.proxy, from: .teamA).connect == 200
        }
      }
      // The Squids went on meanwhile, and Steer took them over.
      #expect(try await egress.squids() == before)
      let end = try await load.end()
      #expect(end.alive == 20, "\(end)")
      let others = try await denied.end()
      #expect(others.count(200) == 0 && others.count(403) > 0, "\(others)")
    }
  }

  @Test func aDeadParentIsGoneAroundAndWithoutAnyTheAnswerIs503() async throws {
    try await EgressLab.open { egress, _ in
      // The proxies could reach the origin by themselves now.
      try await egress.openCluster()
      let direct = try await egress.curl(through: nil, from: .steer)
      #expect(direct.status == 200, "\(direct)")

      let load = try await egress.load(tunnels: 0, from: .teamA)
      for process in try await egress.parents(in: .firstVM) { kill(process, SIGKILL) }
      try await egress.measured("the first parent is found down") {
        try await eventually("Steer names the second one only") {
          try await egress.status().parents.contains { $0.host == EgressLab.host(of: .firstVM) && !$0.isUp }
        }
      }
      let around = try await load.end()
      #expect(around.hadOnly(200), "nobody saw that a parent died: \(around)")

      for process in try await egress.parents(in: .secondVM) { kill(process, SIGKILL) }
      let without = try await egress.load(tunnels: 0, from: .teamA)
      try await egress.measured("all parents are found down") {
        try await eventually("Steer itself says so") {
          let answer = try await egress.curl(through: Self.proxy, from: .teamA)
          #expect(answer.exit == 56 && answer.connect == 503, "\(answer)")
          return answer.trace.contains("X-Steer-Reason: parentsDown")
        }
      }
      let refused = try await without.end()
      #expect(refused.hadOnly(503), "\(refused)")
      try await egress.startParent(in: .secondVM)
      try await egress.measured("served by a parent that is back") {
        try await eventually("the pod is served") {
          try await egress.curl(through: Self.proxy, from: .teamA).connect == 200
        }
      }
    }
  }

  @Test func aParentThatAcceptsAndDoesNotAnswerIsGoneAroundIfItIsProbed() async throws {
    try await EgressLab.prepare { egress in
      try egress.policy.replace(
        "  listenerPort: 13128",
        with: """
            healthCheck: {interval: 1s, timeout: 1s, connect: {host: login.microsoft.com, port: 443}}
            listenerPort: 13128
          """, in: "routes.yaml")
      _ = try await egress.serve()
      let answer = try await egress.curl(through: Self.proxy, from: .teamA)
      #expect(answer.connect == 200, "\(answer)")
      // Its kernel goes on to accept.
      let stopped = try await egress.parents(in: .firstVM)
      for process in stopped { kill(process, SIGSTOP) }
      try await egress.measured("served by the second parent while the first is slow") {
        try await eventually("the pod is served") {
          try await egress.curl(through: Self.proxy, from: .teamA, ["--max-time", "2"]).connect == 200
        }
      }
      for process in stopped { kill(process, SIGCONT) }
    }
  }

  @Test func aFullDiskForTheLogsStopsNobody() async throws {
    try await EgressLab.prepare { egress in
      let folders = [egress.logFolder, egress.squidLogFolder]
      try FileManager.default.createDirectory(atPath: egress.squidLogFolder, withIntermediateDirectories: true)
      // `ip netns exec` gives each program its own mounts, which end with it.
      let fill = folders.map {
        "mount -t tmpfs -o size=64k,mode=0777 tmpfs '\($0)' || exit; head -c 64k /dev/zero >'\($0)/filler';"
      }
      let steer = try await egress.serve(under: ["sh", "-c", fill.joined() + "exec \"$@\"", "sh"])
      try await egress.awaitSquids()
      let before = try await egress.squids()
      let denied = try await egress.load(tunnels: 0, from: .teamC)
      let load = try await egress.load(tunnels: 20, from: .teamA)
      for _ in 0..<20 {
        let answer = try await egress.curl(through: Self.proxy, from: .teamA)
        #expect(answer.connect == 200 && answer.status == 200, "\(answer)")
      }
      let end = try await load.end()
      #expect(end.alive == 20 && end.hadOnly(200), "\(end)")
      let refused = try await denied.end()
      #expect(refused.hadOnly(403), "\(refused)")
      #expect(try await egress.squids() == before)
      #expect(steer.isRunning)
    }
  }
}
