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

  @Test func whatResolvesConnectsToWhatTheRouteListsAndNothingElse() throws {
    let given = ProcessInfo.processInfo.environment["STEER_SEED"].flatMap(UInt64.init)
    let seed = given ?? UInt64.random(in: 0...UInt64(UInt32.max))
    print("agreement of DNS and proxy: STEER_SEED=\(seed)")
    var seen = Seen()
    for number in 0..<Self.policies {
      var generator = SeededGenerator(seed: seed &+ number &* 0x1_0000_0001)
      let policy = RandomPolicy(&generator)
      let snapshot = try TestPolicy.snapshot(policy.text)
      for _ in 0..<Self.triplesPerPolicy {
        let fault = try check(policy, snapshot, &generator, &seen)
        if let fault { Issue.record("STEER_SEED=\(seed), policy \(number): \(fault)\n\(policy.text)") }
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
    let (host, port) = Self.destination(near: route, &generator)
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

  /// A destination that is one of a route's, or close to it, or anything.
  private static func destination(near route: RandomPolicy.Route, _ generator: inout SeededGenerator)
    -> (String, UInt16)
  {
    let label = RandomPolicy.labels.randomElement(using: &generator) ?? "a"
    let pattern = route.destinations.randomElement(using: &generator) ?? ""
    var host = pattern.hasPrefix("*.") ? "\(label)\(pattern.dropFirst(1))" : pattern
    switch Int.random(in: 0..<16, using: &generator) {
    case 0: host = RandomPolicy.name(&generator)
    case 1: host = String(pattern.drop { $0 == "*" || $0 == "." })
    case 2: host = label + host
    case 3: host = "\(label).\(host)"
    case 4: host = "\(host).\(label)"
    case 5: host = host.uppercased()
    case 6: host += "."
    case 7: host += [".", "..", " ", "/", "%", "@", ":443", "\u{0}"].randomElement(using: &generator) ?? ""
    case 8: host = "\(label)@\(host)"
    case 9:
      host = ["10.0.0.1", "[::1]", "::1", "0x7f.1", "127.1", "", ".", "-"].randomElement(using: &generator) ?? ""
    case 10: host = host.split(separator: ".").dropFirst().joined(separator: ".")
    default: break
    }
    let ports: [UInt16] = [443, 8443, 80, 22, 0, 1, 65_535]
    let isOwn = Int.random(in: 0..<4, using: &generator) > 0
    return (host, (isOwn ? route.ports : ports).randomElement(using: &generator) ?? 0)
  }
}
