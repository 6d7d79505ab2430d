import DNSWire
import Foundation
import Glibc
import TestSupport
import Testing

/// Forwarders from Debian, each with the configuration that Steer renders, between pods and Steer.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ForwardingTests {
  private static let expected: [(Lab.Place, String?)] = [
    (.teamA, "10.96.7.10"), (.teamB, "10.96.7.11"), (.teamC, nil),
  ]

  @Test(arguments: GoodForwarder.allCases)
  func eachPodGetsTheAnswerOfItsNamespaceAgainAndAgain(_ forwarder: GoodForwarder) async throws {
    try await Lab.open { lab in
      try await lab.serve(behind: forwarder)
      // Interleaved and repeated: what one pod was told must not be kept for another.
      for overTCP in [false, true, false, true, false, true] {
        for (pod, address) in Self.expected {
          let answer = try await lab.ask(Lab.steeredName, .a, from: pod, overTCP: overTCP)
          #expect(answer.rcode == (address == nil ? forwarder.refusal.rawValue : 0), "\(pod): \(answer)")
          #expect(answer.addresses == (address.map { [$0] } ?? []), "\(pod): \(answer)")
        }
      }
      for (pod, address) in Self.expected {
        let answer = try await lab.dig("+short", Lab.steeredName, from: pod, at: Lab.Place.resolver.address6)
        #expect(answer.lines.filter { !$0.hasPrefix(";") } == (address.map { [$0[...]] } ?? []), "\(answer.output)")
      }
    }
  }

  /// Resolvers have answers of their own for the reverse zones of private addresses (RFC 6303); not here.
  @Test(arguments: GoodForwarder.allCases)
  func anAddressLeadsBackToItsNameForWhoIsAnsweredWithIt(_ forwarder: GoodForwarder) async throws {
    try await Lab.open { lab in
      try await lab.serve(behind: forwarder)
      for (pod, address) in Self.expected {
        for number in [10, 11] {
          let answer = try await lab.ask("\(number).7.96.10.in-addr.arpa", .ptr, from: pod)
          let isTheirs = address == "10.96.7.\(number)"
          #expect(
            answer.rcode == (isTheirs ? 0 : address == nil ? forwarder.refusal.rawValue : 3), "\(pod): \(answer)")
          #expect(answer.addresses == (isTheirs ? [Lab.steeredName + "."] : []), "\(pod): \(answer)")
        }
      }
    }
  }

  @Test(arguments: GoodForwarder.allCases)
  func theCanaryNamesTheSourceAndThePod(_ forwarder: GoodForwarder) async throws {
    try await Lab.open { lab in
      try await lab.serve(behind: forwarder)
      for (pod, overTCP) in [(Lab.Place.teamA, false), (.teamB, false), (.teamA, true), (.teamB, true)] {
        let answer = try await lab.ask("_canary.intra.aibang.local", .txt, from: pod, overTCP: overTCP)
        let text = try #require(answer.answer.first)
        #expect(text.contains("\"source=\(forwarder.source)\""))
        #expect(text.contains("\"forwarder=\(Lab.Place.resolver.address) trusted\""))
        // A listener stands for a namespace, not for a pod of it.
        guard forwarder != .bindByViews else { continue }
        #expect(text.contains("\"client=\(pod.address)\""))
        #expect(text.contains("\"namespace=\(pod.rawValue)\""))
      }
    }
  }

  /// Steer is stopped while both questions are put: a forwarder that takes them for one would ask once for both.
  @Test(arguments: GoodForwarder.allCases)
  func theSameQuestionOfTwoPodsAtOneTimeIsTwoQuestions(_ forwarder: GoodForwarder) async throws {
    try await Lab.open { lab in
      try await lab.serve(behind: forwarder)
      let pids = try await SteerTests.run(["ip", "netns", "pids", lab.name(of: .steer)])
      let steer = try #require(pids.lines.first.flatMap { Int32($0) })
      for _ in 1...3 {
        kill(steer, SIGSTOP)
        defer { kill(steer, SIGCONT) }
        async let first = lab.ask(Lab.steeredName, .a, from: .teamA)
        async let second = lab.ask(Lab.steeredName, .a, from: .teamB)
        // Nothing shows that both wait for Steer; it is certain that one that comes later is another question too.
        try await Task.sleep(for: .milliseconds(300))
        kill(steer, SIGCONT)
        #expect(try await first.addresses == ["10.96.7.10"])
        #expect(try await second.addresses == ["10.96.7.11"])
      }
    }
  }
}

extension LDNSMessage {
  /// The addresses in the answer.
  fileprivate var addresses: [String] {
    answer.compactMap { $0.split(separator: " ").last.map(String.init) }
  }
}
