import DNSWire
import SteeringPolicy
import TestSupport
import Testing

@testable import Steering

/// The views, the rules and the proxy must never disagree: random policies, every client, every route.
@Suite struct DecisionTests {
  private static let namespaces = 12
  private static let routes = 8

  /// A policy of random rules; every policy has a priority of its own, so that none ties.
  private static func documents(seed: UInt64) -> String {
    var generator = SeededGenerator(seed: seed)
    func pick(_ range: Range<Int>) -> Int { .random(in: range, using: &generator) }
    var documents = [
      "{apiVersion: egress.aibang.com/v1alpha1, kind: SteeringZone, metadata: {name: z}, spec: {zone: steer.test}}"
    ]
    for route in 0..<routes {
      documents.append(
        """
        apiVersion: egress.aibang.com/v1alpha1
        kind: EgressRoute
        metadata: {name: r\(route)}
        spec:
          hostnames: [r\(route).steer.test]
          backendRefs: [{namespace: proxy, name: r\(route), port: 3128}]
          listenerPort: \(13000 + route)
          domainNames: [d\(route).example.com]
        """)
      for (name, address) in [("r\(route)", "10.96.0.\(route)"), ("c\(route)", "10.96.1.\(route)")] {
        documents.append(
          "{apiVersion: v1, kind: Service, metadata: {namespace: proxy, name: \(name)}, spec: "
            + "{clusterIP: \(address), ports: [{port: 3128, targetPort: \(13000 + route)}]}}")
      }
    }
    for namespace in 0..<namespaces {
      documents.append(
        "{apiVersion: v1, kind: Namespace, metadata: {name: n\(namespace), labels: {tier: t\(pick(0..<3))}}}")
      for account in ["api", "job"] {
        documents.append(
          "{apiVersion: v1, kind: Pod, metadata: {namespace: n\(namespace), name: \(account)}, "
            + "spec: {serviceAccountName: \(account)}, status: "
            + "{podIPs: [{ip: 10.8.\(namespace).\(account == "api" ? 1 : 2)}]}}")
      }
    }
    for number in 0..<pick(1..<14) {
      let subject = [
        "namespaces: {matchLabels: {kubernetes.io/metadata.name: n\(pick(0..<namespaces))}}",
        "namespaces: {matchLabels: {tier: t\(pick(0..<3))}}",
        "namespaces: {matchExpressions: [{key: tier, operator: NotIn, values: [t\(pick(0..<3))]}]}",
        "serviceAccounts: [{namespace: n\(pick(0..<namespaces)), name: api}]",
        "ipBlocks: [{cidr: 192.0.2.0/\(pick(24..<29))}]",
      ][pick(0..<5)]
      let rules = (0..<pick(1..<4)).map { rule in
        let route = pick(0..<routes)
        let kind = pick(0..<4)
        let backends = kind == 1 ? ", backendRefs: [{namespace: proxy, name: c\(route), port: 3128}]" : ""
        let more = kind == 2 ? ", {name: r\((route + 1) % routes)}" : ""
        return "  - {name: p\(rule), action: \(kind == 3 ? "Deny" : "Allow"), routeRefs: [{name: r\(route)}\(more)]"
          + "\(backends)}"
      }
      documents.append(
        """
        apiVersion: egress.aibang.com/v1alpha1
        kind: EgressPolicy
        metadata: {name: p\(number)}
        spec:
          priority: \(number)
          mode: \(pick(0..<4) == 0 ? "Report" : "Enforce")
          subject: {\(subject)}
          egress:
        \(rules.joined(separator: "\n"))
        """)
    }
    return documents.joined(separator: "\n---\n")
  }

  @Test(arguments: UInt64(1)...60)
  func viewsRulesDNSAndProxyDecideAlike(seed: UInt64) throws {
    let snapshot = try TestPolicy.snapshot(Self.documents(seed: seed))
    let pods = (0..<UInt8(Self.namespaces)).flatMap { number -> [[UInt8]] in
      [[10, 8, number, 1], [10, 8, number, 2]]
    }
    let others: [[UInt8]] = [[192, 0, 2, 0], [192, 0, 2, 9], [192, 0, 2, 200], [198, 51, 100, 1]]
    for address in (pods + others).compactMap({ IPAddress(octets: $0) }) {
      let identity = ClientIdentifier.identify(address, in: snapshot)
      for route in 0..<Self.routes {
        let decided = snapshot.policy.rules.decide(
          class: identity.clientClass, route: UInt32(route), ownVariant: snapshot.policy.ownVariants[route])
        #expect(snapshot.outcome(for: identity.clientClass, route: UInt32(route)) == decided.outcome)
        let name = try DomainName("r\(route).steer.test")
        let response = try #require(snapshot.response(to: name, .a, from: address))
        let request = ProxyRequest(
          client: address, clientPort: 40_000, listenerPort: UInt16(13000 + route),
          destination: Destination(host: "d\(route).example.com", port: 443))
        let verdict = ProxyAuthorizer.decide(request, in: snapshot)
        #expect((response.rcode == .noError) == verdict.isAllowed)
        #expect(response.addresses.isEmpty == !verdict.isAllowed)
      }
    }
  }

  @Test func namespacesWithTheSameOutcomeShareAView() throws {
    let more = (0..<50).map {
      "---\n{apiVersion: v1, kind: Namespace, metadata: {name: n\($0), labels: {same: 'yes'}}}"
    }
    let policy = """
      ---
      apiVersion: egress.aibang.com/v1alpha1
      kind: EgressPolicy
      metadata: {name: same}
      spec:
        subject: {namespaces: {matchLabels: {same: 'yes'}}}
        egress: [{action: Allow, routeRefs: [{name: one}]}]
      """
    let documents = ([TestPolicy.minimal] + more + [policy]).joined(separator: "\n")
    // The view of nobody, and the one that team-a and all of those share.
    #expect(try TestPolicy.snapshot(documents).viewCount == 2)
  }
}
