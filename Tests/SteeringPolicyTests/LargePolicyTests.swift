import SteeringPolicy
import Testing

@Suite struct LargePolicyTests {
  /// A policy of a thousand routes and as many policies, each about `route(i)`, for ten thousand pods.
  private func files(route: (Int) -> String) -> [PolicyFile] {
    var routes = "apiVersion: egress.aibang.com/v1alpha1\nkind: EgressRouteList\nitems:\n"
    var policies = "apiVersion: egress.aibang.com/v1alpha1\nkind: EgressPolicyList\nitems:\n"
    var services = "apiVersion: v1\nkind: ServiceList\nitems:\n"
    var pods = "apiVersion: v1\nkind: PodList\nitems:\n"
    for i in 0..<1000 {
      routes += """
        - metadata: {name: route-\(i)}
          spec:
            hostnames: [route-\(i).intra.aibang.local]
            backendRefs: [{namespace: proxy, name: route-\(i), port: 3128}]
            listenerPort: \(10000 + i)
            domainNames: [host-\(i).example.com]

        """
      policies += """
        - metadata: {name: team-\(i)}
          spec:
            subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: team-\(i)}}}
            egress: [{action: Allow, routeRefs: [{name: \(route(i))}]}]

        """
      services += """
        - metadata: {namespace: proxy, name: route-\(i)}
          spec: {clusterIP: 10.96.\(i / 250).\(i % 250), ports: [{port: 3128, targetPort: \(10000 + i)}]}

        """
    }
    for i in 0..<10000 {
      pods += """
        - metadata: {namespace: team-\(i % 1000), name: pod-\(i)}
          status: {phase: Running, podIP: 10.8.\(i / 250).\(i % 250)}

        """
    }
    return [Fixture.zone]
      + [routes, policies, services, pods].enumerated().map { PolicyFile(path: "\($0).yaml", text: $1) }
  }

  @Test(.timeLimit(.minutes(1)))
  func aLargePolicyLoads() throws {
    let (policy, diagnostics) = PolicyLoader.load(files { "route-\($0)" })
    #expect(diagnostics.isEmpty)
    #expect(policy?.routes.count == 1000)
    #expect(policy?.policies.count == 1000)
    #expect(policy?.inventory.pods.count == 10000)
  }

  @Test(.timeLimit(.minutes(1)))
  func aLargePolicyOfMistakesIsReportedInFull() throws {
    let diagnostics = PolicyLoader.load(files { "ruote-\($0)" }).diagnostics
    #expect(diagnostics.map(\.code) == Array(repeating: .unknownRoute, count: 1000))
  }
}
