import TestSupport
import Testing

/// Settings from flags, the environment and a file.
@Suite struct SettingsTests {
  private static let zones = WorkingFolder.zones.path

  @Test func aFlagThatMakesNoSenseIsNamed() async throws {
    for (flag, value, says) in [
      ("--listen", "nonsense", "listen: 'nonsense' is not ADDRESS:PORT; write 127.0.0.1:5300 or [::1]:5300"),
      ("--threads", "0", "threads: 0 is not a number from 1 to 256"),
      ("--log-level", "loud", "log.level: 'loud' is none of trace, debug, info"),
      ("--log-format", "xml", "log.format: 'xml' is none of text, json"),
      ("--reload-seconds", "-1", "reload.seconds: -1 is not a number from 0 to 3600"),
    ] {
      let serve = try await Steer.run("serve", "--policy", Self.zones, "\(flag)=\(value)")
      #expect(serve.status == 64)
      #expect(serve.errors.contains(says), "\(serve.errors)")
    }
  }

  @Test func anEnvironmentThatMakesNoSenseIsNamed() async throws {
    for (variable, value, says) in [
      ("STEER_LISTEN", "127.0.0.1:0,nowhere", "listen: 'nowhere' is not ADDRESS:PORT"),
      ("STEER_THREADS", "many", "threads: the value is not a number from 1 to 256"),
      ("STEER_TCP_IDLE_SECONDS", "0", "tcp.idleSeconds: 0 is not a number from 1 to 3600"),
    ] {
      let serve = try await Steer.run("serve", "--policy", Self.zones, environment: [variable: value])
      #expect(serve.status == 64)
      #expect(serve.errors.contains(says), "\(serve.errors)")
    }
  }

  @Test func aFileThatMakesNoSenseIsNamedWithItsLine() async throws {
    let folder = try WorkingFolder()
    for (text, says) in [
      ("threads: 1\nlog:\n  levle: debug\n", ":3: unknown setting 'log.levle'"),
      ("listen: [127.0.0.1:0]\nlisten-on: x\n", ":2: unknown setting 'listen-on'"),
      ("threads: 1\nlistenView: {team-a: '127.0.0.1:5401'}\n", ":2: 'listenView' takes a value, not a mapping"),
      ("listenView: {}\n", "write listenView: [team-a=127.0.0.1:5301]"),
      ("queryLog: {a: b}\n", ":1: 'queryLog' takes a value, not a mapping; write queryLog: queries.log"),
      ("listen: {a: b}\n", "write listen: [127.0.0.1:5300]"),
      ("threads:\n  a: 1\n", ":1: 'threads' takes a value, not a mapping; write threads: 2"),
      ("reload:\n  seconds: {a: 1}\n", ":2: 'reload.seconds' takes a value, not a mapping; write seconds: 1"),
      ("threads: 1\nreload: 5\n", ":2: 'reload' is a group of settings; write"),
      ("reload: 5\n", "reload: {seconds: 1}"),
      ("state: [a]\n", "write, with those that you need, state: {folder: state}"),
      ("log:\n", "write, with those that you need, log: {level: info, format: json}"),
      ("listen: [{a: b}]\n", "listen"),
      ("- listen\n", ":1: a mapping of settings was expected"),
      ("threads: [\n", "settings.yaml"),
    ] {
      try folder.write(text, to: "settings.yaml")
      let file = folder.path(of: "settings.yaml")
      let serve = try await Steer.run("serve", "--policy", Self.zones, "--config", file)
      #expect(serve.status == 64)
      #expect(serve.errors.contains(file) && serve.errors.contains(says), "\(serve.errors)")
    }
    let missing = try await Steer.run("serve", "--config", folder.path(of: "none.yaml"))
    #expect(missing.status == 64)
    #expect(missing.errors.contains("none.yaml: the file cannot be read; check the path of --config"))
  }

  @Test func aFlagWinsOverTheEnvironmentAndThatOverTheFile() async throws {
    let folder = try WorkingFolder()
    try folder.write(
      "policy: [\(Self.zones)]\nlisten: ['127.0.0.3:0']\nlog: {format: json}\n", to: "settings.yaml")
    let config = ["--config", folder.path(of: "settings.yaml")]
    let environment = ["STEER_LISTEN": "127.0.0.2:0,[::1]:0"]
    func addresses(_ listen: [String], _ environment: [String: String]) async throws -> [String] {
      try await SteerProcess.serving(nil, config, listen: listen, environment: environment) { server in
        try await eventually("the first line is logged") { !server.child.errors.isEmpty }
        #expect(server.child.errors.hasPrefix("{"), "the format of the file applies")
        return server.endpoints.map { "\($0.address)" }
      }
    }
    #expect(try await addresses([], [:]) == ["127.0.0.3"])
    #expect(try await addresses([], environment) == ["127.0.0.2", "::1"])
    #expect(try await addresses(["127.0.0.1:0"], environment) == ["127.0.0.1"])
  }

  @Test func thePolicyMayComeFromTheEnvironment() async throws {
    let environment = ["STEER_POLICY": Self.zones, "STEER_LOG_LEVEL": "error"]
    try await SteerProcess.serving(nil, environment: environment) { server in
      let addresses = try server.addresses()
      #expect(addresses == ["10.96.7.10"])
      #expect(server.child.errors.isEmpty, "info is not logged at level error")
    }
    let explain = try await Steer.run(
      "explain", "--from", "team-a", "microsoft.intra.aibang.local", environment: environment)
    #expect(explain.output.contains("10.96.7.10"))
  }
}
