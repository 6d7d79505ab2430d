import DNSWire
import Foundation
import Steering
import TestSupport
import Testing

@testable import ProxyRoutes

/// Lines that no Squid would write, or only for a hostile client: none gets through what the policy does not let through.
@Suite struct HostileLineTests {
  private static let policies: UInt64 = 40
  private static let linesPerPolicy = 2000
  /// What readers of text differ about.
  private static let fragments: [String] = [
    "%00", "%0a", "%0D%0A", "%20", " ", "\t", "\r", "\u{0}", "%2e", "%2E", ".", "..", "%25", "%2525", "%", "%6c", "@",
    "%40", "[", "]", "%5B", "%5D", ":", "%3A", "/", "%2F", "\\", "%5C", "#", "?", "é", "%C3%A9", "%C0%AE", "\u{FF0E}",
    "\u{212A}", "xn--", "0x", "0", "-", "+", "::ffff:", "*", "*.", "65536", "443 ", " -", " CONNECT ", "\u{FEFF}",
  ]

  /// A line that Squid would write, for a destination of a route or close to it.
  private func line(_ policy: RandomPolicy, _ generator: inout SeededGenerator) -> String {
    let route = policy.routes.randomElement(using: &generator)
    let (host, port) = route?.destination(&generator) ?? ("", 0)
    let client = policy.clients.randomElement(using: &generator).map(\.description) ?? ""
    let channel = UInt64.random(in: 0...200, using: &generator)
    return "\(channel) \(client) 40001 \(route?.listenerPort ?? 0) CONNECT \(host) \(port)"
      + (Bool.random(using: &generator) ? " -" : "")
  }

  /// A line with one fault, in any place.
  private func spoil(_ line: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    var line = line
    let place = Int.random(in: 0...line.count, using: &generator)
    switch Int.random(in: 0..<7, using: &generator) {
    case 0, 1, 2:
      line.insert(contentsOf: Array((Self.fragments.randomElement(using: &generator) ?? "").utf8), at: place)
    case 3 where place < line.count: line[place] = UInt8.random(in: .min ... .max, using: &generator)
    case 4 where place < line.count: line.remove(at: place)
    case 5:
      // The same octet, escaped, as it stands or once more.
      guard place < line.count else { break }
      let digits = String(line[place], radix: 16)
      let escape = (Bool.random(using: &generator) ? "%" : "%25") + (digits.count < 2 ? "0" : "") + digits
      line.replaceSubrange(place...place, with: Array(escape.utf8))
    default:
      var fields = line.split(separator: 0x20, omittingEmptySubsequences: false)
      let (one, other) = (
        fields.indices.randomElement(using: &generator), fields.indices.randomElement(using: &generator)
      )
      if let one, let other { fields.swapAt(one, other) }
      line = Array(fields.joined(separator: [0x20]))
    }
    return line
  }

  @Test func noLineGetsThroughWhatThePolicyDoesNotLetThrough() async throws {
    let given = ProcessInfo.processInfo.environment["STEER_SEED"].flatMap(UInt64.init)
    let seed = given ?? UInt64.random(in: 0...UInt64(UInt32.max))
    print("hostile lines: STEER_SEED=\(seed)")
    var (allowed, refused, malformed) = (0, 0, 0)
    for number in 0..<Self.policies {
      // Other tests wait for the same few threads.
      await Task.yield()
      var generator = SeededGenerator(seed: seed &+ number &* 0x1_0000_0001)
      let policy = RandomPolicy(&generator)
      let snapshot = try TestPolicy.snapshot(policy.text)
      let decider = Decider(snapshot, parents: FakeParents(), connections: nil, log: nil)
      let names = try policy.routes.map { try DomainName($0.hostnames[0]) }
      for _ in 0..<Self.linesPerPolicy {
        var line = Array(line(policy, &generator).utf8)
        for _ in 0..<Int.random(in: 0...3, using: &generator) { line = spoil(line, &generator) }
        let reply = decider.reply(to: line)
        let fault = HelperLineOracle.fault(in: reply, to: line, routes: policy.routes) { client, route in
          // Whoever is answered a route's addresses may use it.
          snapshot.explain(names[route], .a, for: .address(client))?.answer?.addresses.isEmpty == false
        }
        if let fault {
          let shown = String(decoding: line, as: UTF8.self).debugDescription
          Issue.record("STEER_SEED=\(seed), policy \(number): \(fault): \(shown)\n\(policy.text)")
          return
        }
        let isAllowed = reply.map { String(decoding: $0, as: UTF8.self).contains(" OK ") } ?? false
        if isAllowed { allowed += 1 } else { refused += 1 }
      }
      malformed += Int(decider.counts.malformed)
    }
    #expect(allowed > 1000 && refused > 10_000 && malformed > 10_000, "\(allowed) \(refused) \(malformed)")
  }
}
