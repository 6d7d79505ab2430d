import DNSWire
import Foundation
import TestSupport
import Testing

@testable import Steering

/// DNS and proxy must agree: a pod that is answered a proxy's address can connect by it, to what the route lists and
/// nothing else; and one that is not answered cannot connect by it at all.
@Suite struct AgreementTests {
  private static let policies: UInt64 = 100
  private static let triplesPerPolicy = 1000

  /// What was seen, so that the test cannot pass for want of cases.
  private struct Seen {
    var connects = 0
    var resolvesOnly = 0
    var neither = 0
  }

  @Test func whatResolvesConnectsToWhatTheRouteListsAndNothingElse() async throws {
    let given = ProcessInfo.processInfo.environment["STEER_SEED"].flatMap(UInt64.init)
    let seed = given ?? UInt64.random(in: 0...UInt64(UInt32.max))
    print("agreement of DNS and proxy: STEER_SEED=\(seed)")
    var seen = Seen()
    for number in 0..<Self.policies {
      // Other tests wait for the same few threads.
      await Task.yield()
      var generator = SeededGenerator(seed: seed &+ number &* 0x1_0000_0001)
      let policy = RandomPolicy(&generator)
      var snapshot = try TestPolicy.snapshot(policy.text)
      // As at the start in a cluster: some of the pods are not told of yet.
      if number % 4 == 3 { snapshot = snapshot.knowing(about: 0.5, &generator) }
      for _ in 0..<Self.triplesPerPolicy {
        let fault = try check(policy, snapshot, &generator, &seen)
        guard let fault else { continue }
        Issue.record("STEER_SEED=\(seed), policy \(number): \(fault)\n\(policy.text)")
        return
      }
    }
    #expect(seen.connects > 5000 && seen.resolvesOnly > 5000 && seen.neither > 5000, "\(seen)")
  }

  /// Tries one client, name and destination; returns what is wrong.
  private func check(
    _ policy: RandomPolicy, _ snapshot: Snapshot, _ generator: inout SeededGenerator, _ seen: inout Seen
  ) throws -> String? {
    let number = Int.random(in: policy.routes.indices, using: &generator)
    let route = policy.routes[number]
    guard let client = policy.clients.randomElement(using: &generator),
      let name = route.hostnames.randomElement(using: &generator)
    else { return "no client" }
    let (host, port) = route.destination(&generator)
    let response = try #require(snapshot.response(to: try DomainName(name), .a, from: client))
    // A pod dials an address that it was answered, and comes out at the listener of whoever the Service leads to.
    let listeners = Set(response.addresses.map { policy.services[$0] })
    let resolves = !listeners.isEmpty
    if resolves, listeners != [number] { return "\(name) leads \(client) to \(response.addresses)" }
    let request = ProxyRequest(
      client: client, clientPort: 40_000, listenerPort: route.listenerPort,
      destination: Destination(host: host, port: port))
    let decision = ProxyAuthorizer.decide(request, in: snapshot)
    let isListed = DestinationOracle.allows(host, Int(port), by: route)
    switch (resolves, isListed) {
    case (true, true): seen.connects += 1
    case (true, false): seen.resolvesOnly += 1
    case (false, _): seen.neither += 1
    }
    guard decision.isAllowed != (resolves && isListed) else { return nil }
    return "\(client) \(resolves ? "resolves" : "does not resolve") \(name), and \(host):\(port) is "
      + "\(isListed ? "" : "not ")listed, but the proxy says \(decision.reason)"
  }
}

extension Snapshot {
  /// The same with a share of its pods, of which there may be more.
  fileprivate func knowing(about share: Double, _ generator: inout SeededGenerator) -> Snapshot {
    let gone = pods.entries.map(\.address).sorted().filter { _ in Double.random(in: 0..<1, using: &generator) >= share
    }
    return replacing(pods: pods.applying(gone.map(PodIndex.Change.released)), areSynchronized: false)
  }
}
