import Foundation
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
      #expect(services.output.contains(#"clusterIP: "10.96.7.10""#), "\(services.output)")
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

  @Test func `check fails for an object that a new server would leave out`() async throws {
    try await TestCluster.running { cluster in
      try cluster.apply(route: "github", port: 99_999)
      let check = try await run([Steer.path, "check"] + cluster.arguments)
      #expect(check.status == 1)
      #expect(check.output.contains("EgressRoute/github: error: "), "\(check.output)")
      #expect(check.output.contains("refused in part: zones 1, routes 1,"), "\(check.output)")
      let json = try await run([Steer.path, "check", "--output", "json"] + cluster.arguments)
      #expect(json.status == 1 && json.output.contains(#""ok" : false"#), "\(json.output)")
    }
  }

  @Test func `a policy in files is checked and tested with the inventory of the cluster alone`() async throws {
    try await TestCluster.running { cluster in
      let policy = try WorkingFolder(copying: WorkingFolder.zones)
      try FileManager.default.removeItem(atPath: policy.path(of: "inventory.yaml"))
      let arguments = [policy.path, "--kubernetes-inventory", "--kubeconfig", cluster.kubeconfig]
      let check = try await run([Steer.path, "check"] + arguments)
      #expect(check.status == 0, "\(check.output)\(check.errors)")
      #expect(
        check.output.contains("warning: there is no Service 'intra-proxy/microsoft-canary' in the cluster"),
        "\(check.output)")
      #expect(check.output.contains("create the namespace in the cluster"), "team-c is not there: \(check.output)")
      let test = try await run([Steer.path, "test"] + arguments)
      #expect(test.output.contains("ok   team-a-has-microsoft"), "\(test.output)\(test.errors)")
      try policy.replace("listenerPort: 13129", with: "listenerPort: 13128", in: "routes.yaml")
      let refused = try await run([Steer.path, "check"] + arguments)
      #expect(refused.status == 1 && refused.output.contains("[duplicate-listener]"), "\(refused.output)")
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
