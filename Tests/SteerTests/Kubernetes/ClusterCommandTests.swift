import TestAPIServer
import Testing

/// Commands about the policy that a cluster has.
@Suite(.serialized) struct ClusterCommandTests {
  @Test func `the commands about a policy take it from the cluster`() async throws {
    try await TestCluster.running { cluster in
      let check = try await run([Steer.path, "check"] + cluster.arguments)
      #expect(check.status == 0, "\(check.output)\(check.errors)")
      #expect(check.output.contains("ok: zones 1, routes 2") && check.output.contains("pod addresses 2"))
      let test = try await run([Steer.path, "test"] + cluster.arguments)
      #expect(test.output.contains("1 passed, 0 failed"), "\(test.output)\(test.errors)")
      let explain = try await run(
        [Steer.path, "explain", "--from", "127.0.0.11", "microsoft.intra.aibang.local"] + cluster.arguments)
      #expect(explain.output.contains("namespace team-a") && explain.output.contains("10.96.7.10"))
      #expect(explain.output.contains("EgressPolicy/team-a"), "where the rule is: \(explain.output)")
      let matrix = try await run([Steer.path, "matrix", "--output", "csv"] + cluster.arguments)
      #expect(matrix.output.contains("team-a"), "\(matrix.output)\(matrix.errors)")
      let services = try await run([Steer.path, "render", "services"] + cluster.arguments)
      #expect(services.output.contains("targetPort: 13128"), "\(services.output)\(services.errors)")
    }
  }

  @Test func `check names the object of the cluster that is at fault, beside those of files`() async throws {
    try await TestCluster.running { cluster in
      try cluster.apply(policy: "team-a", routes: ["microsoft"], action: "Alow")
      let check = try await run([Steer.path, "check"] + cluster.arguments)
      #expect(check.status == 1)
      #expect(check.output.contains("EgressPolicy/team-a: error: "), "\(check.output)")
    }
  }

  @Test func `a command that cannot read the cluster says what it lacks`() async throws {
    try await TestCluster.running { cluster in
      cluster.api.forbid(.list, .egressRoutes)
      cluster.api.forbid(.watch, .egressRoutes)
      let forbidden = try await run([Steer.path, "check"] + cluster.arguments)
      #expect(forbidden.status == 1 && forbidden.errors.contains("egressroutes"), "\(forbidden.errors)")
      await cluster.api.stop()
      let away = try await run([Steer.path, "check"] + cluster.arguments)
      #expect(
        away.errors == "error: the API server does not tell what it has; all 8: the API server at \(cluster.api.url) "
          + "cannot be heard: connection refused; see that it is running, and that this is its address\n")
      #expect(away.status == 1)
    }
    let nowhere = try await Steer.run("check", "--kubernetes", "--kubeconfig", "/nowhere/kubeconfig")
    #expect(nowhere.status == 1 && nowhere.errors.contains("/nowhere/kubeconfig"), "\(nowhere.errors)")
  }

  @Test func `settings of a cluster that is not read are refused`() async throws {
    let check = try await Steer.run("check", "--kubeconfig", "x")
    #expect(check.status == 64 && check.errors.contains("--kubeconfig and --context go with --kubernetes"))
    let serve = try await Steer.run("serve", "--policy", WorkingFolder.zones.path, "--context", "x")
    #expect(serve.status == 64 && serve.errors.contains("kubernetes.context: nothing is read of the cluster"))
    let without = try await Steer.run("serve", "--kubernetes-inventory")
    #expect(without.status == 64 && without.errors.contains("Name the policy"))
  }
}
