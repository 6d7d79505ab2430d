import Testing

/// `steer render` for the proxies, from the outside.
@Suite struct RenderProxyCommandTests {
  @Test func squidIsRenderedForAllRoutesOrSome() async throws {
    let all = try await Steer.run("render", "squid", WorkingFolder.zones.path, "--listen", "10.8.1.1")
    #expect(all.status == 0, "\(all.errors)")
    #expect(all.lines.contains { $0.hasPrefix("http_port 10.8.1.1:13128 name=microsoft ") })
    #expect(all.lines.contains { $0.hasPrefix("http_port 10.8.1.1:13129 name=github ") })
    let one = try await Steer.run(
      "render", "squid", WorkingFolder.zones.path, "--route", "github", "--access-log", "none")
    #expect(one.lines.contains { $0.hasPrefix("http_port 13129 name=github ") } && !one.output.contains("microsoft"))
    #expect(one.lines.contains("access_log none"))
  }

  @Test func parentIsRenderedForItsRoutes() async throws {
    let parent = try await Steer.run(
      "render", "squid-parent", WorkingFolder.zones.path, "--source", "10.8.0.0/16", "--parent",
      "int-proxy.aibang.com:3128", "--listen", "[fd00::5]:3128")
    #expect(parent.status == 0, "\(parent.errors)")
    #expect(parent.lines.contains("acl steer_cluster src 10.8.0.0/16"))
    #expect(parent.lines.contains { $0.hasPrefix("http_port [fd00::5]:3128 ") })
    for (arguments, message) in [
      ([], "name the cluster's"), (["--source", "0.0.0.0/0"], "open proxy"),
      (
        ["--source", "10.8.0.0/16", "--parent", "int-proxy.aibang.com:3129"],
        "the parents are int-proxy.aibang.com:3128"
      ),
    ] {
      let refused = try await run([Steer.path, "render", "squid-parent", WorkingFolder.zones.path] + arguments)
      #expect(refused.status == 1 && refused.output.isEmpty && refused.errors.contains(message), "\(refused.errors)")
    }
  }

  @Test func manifestsAreRendered() async throws {
    let services = try await Steer.run("render", "services", WorkingFolder.zones.path, "--selector", "app=proxy")
    #expect(services.status == 0 && services.output.contains("selector: {\"app\": \"proxy\"}"), "\(services.errors)")
    let refused = try await Steer.run("render", "network-policies", WorkingFolder.zones.path)
    #expect(refused.status == 1 && refused.errors.contains("--parent int-proxy.aibang.com="))
    let policies = try await Steer.run(
      "render", "network-policies", WorkingFolder.zones.path, "--parent", "int-proxy.aibang.com=10.0.0.5/32",
      "--except",
      "team-c", "--dns", "10.96.0.10")
    #expect(policies.status == 0 && !policies.output.contains("namespace: \"team-c\""), "\(policies.errors)")
    #expect(policies.output.contains("10.96.0.10/32"))
  }

  @Test func whatCannotBeRenderedIsSaid() async throws {
    let unknown = try await Steer.run("render", "squid", WorkingFolder.zones.path, "--route", "gitlab")
    #expect(unknown.status == 64 && unknown.errors.contains("the routes are github, microsoft"))
    let hostile = try await Steer.run(
      "render", "squid", WorkingFolder.zones.path, "--folder", "/run/a\nhttp_access allow all")
    #expect(hostile.status == 1 && hostile.output.isEmpty && hostile.errors.contains("cannot be written"))
  }
}
