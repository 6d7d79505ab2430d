import DNSWire
import ProxyRoutes
import SteeringPolicy
import TestSupport

/// What Squid writes to its helper, to the answers: a line each.
enum HelperTarget {
  /// Parents that are never down.
  private struct Parents: ParentStatus {
    func isUp(_ parent: EgressRoute.ParentProxy, checkedBy check: EgressRoute.HealthCheck) -> Bool { true }
  }

  private static let decider = Decider(FuzzPolicy.snapshot(), parents: Parents(), connections: nil, log: nil)
  /// The routes of ``FuzzPolicy``, and the pods that may use them.
  private static let routes = [
    RandomPolicy.Route(hostnames: [], destinations: ["login.example.com"], ports: [443], listenerPort: 13128),
    RandomPolicy.Route(hostnames: [], destinations: ["github.com"], ports: [443], listenerPort: 13129),
  ]
  private static let pods = Set(["10.8.1.1", "fd00:8::1", "10.8.2.1"].compactMap(IPAddress.init))

  static func run(_ octets: [UInt8]) {
    for line in octets.split(separator: 0x0A, omittingEmptySubsequences: false) {
      let line = Array(line)
      let fault = HelperLineOracle.fault(in: decider.reply(to: line), to: line, routes: routes) { client, _ in
        pods.contains(client)
      }
      require(fault == nil, fault ?? "")
    }
  }
}
