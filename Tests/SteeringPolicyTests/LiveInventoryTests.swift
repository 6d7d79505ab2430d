import SteeringPolicy
import Testing

@Suite struct LiveInventoryTests {
  @Test func whatIsInTheFilesAndInTheClusterIsWarnedOf() {
    let files = [
      Fixture.zone,
      PolicyFile(path: "i.yaml", text: "{apiVersion: v1, kind: Namespace, metadata: {name: team-a}}"),
    ]
    let cluster = ClusterInventory(namespaces: ["team-a": ["team": "a"]])
    let (policy, diagnostics) = PolicyLoader.load(files, cluster: cluster)
    #expect(diagnostics.map(\.code) == [.inventoryTwice])
    #expect(policy?.inventory.namespaces.first?.labels["team"] == "a")
    #expect(PolicyLoader.load(files, cluster: ClusterInventory()).diagnostics == [])
  }

  @Test func aDanglingReferenceIsAnErrorInFilesAndAWarningInACluster() {
    let policy = PolicyFile(
      path: "p.yaml",
      text: """
        apiVersion: egress.aibang.com/v1alpha1
        kind: EgressPolicy
        metadata: {name: p}
        spec:
          subject: {namespaces: {}}
          egress: [{action: Allow, routeRefs: [{name: none}]}]
        """)
    for (cluster, severity) in [(nil, Diagnostic.Severity.error), (ClusterInventory(), .warning)] {
      let (loaded, diagnostics) = PolicyLoader.load([Fixture.zone, policy], cluster: cluster)
      #expect(diagnostics.map(\.code) == [.unknownRoute])
      #expect(diagnostics.map(\.severity) == [severity])
      #expect((loaded == nil) == (severity == .error))
    }
  }
}
