import Glibc
import Logging
import SteeringPolicy
import TestSupport
import Testing

@testable import ProxyRoutes

@Suite struct ProxyStatusTests {
  private static var sample: ProxyStatus {
    var check = EgressRoute.HealthCheck()
    check.connect = EgressRoute.ConnectTarget(host: "login.example.com", port: 443)
    var up = ParentHealth.State(
      parent: EgressRoute.ParentProxy(host: "parent.example", port: 3128), check: EgressRoute.HealthCheck())
    up.isChecked = true
    up.since = 1_700_000_000
    up.latency = .milliseconds(3)
    var down = ParentHealth.State(parent: EgressRoute.ParentProxy(host: "fd00::1", port: 3128), check: check)
    down.isChecked = true
    down.isUp = false
    down.since = 1_700_000_001
    down.lastError = "Connection refused"
    let engine = ProxyStatus.Engine(
      kind: "squid", isSupervised: true,
      instances: [
        .init(name: "one", pid: 17, state: "running", restarts: 2, since: 1_700_000_000),
        .init(name: "two", pid: nil, state: "starting", restarts: 0, since: 1_700_000_000),
      ])
    var status = ProxyStatus(generation: "7/0123456789abcdef", engine: engine)
    status.listeners = [
      .init(port: 13_128, route: "microsoft", isCurrent: true),
      .init(port: 13_129, route: "a\\b\"c\nd", isCurrent: false),
    ]
    status.parents = [up, down].map(ProxyStatus.Parent.init)
    status.decisions = [
      .init(isAllowed: true, reason: "allowed", count: 3), .init(isAllowed: false, reason: "noRule", count: 4),
    ]
    status.malformed = 1
    status.enforceWouldDeny = 2
    status.helperConnections = 2
    status.canCloseConnections = true
    status.connections = OpenConnections.Counts(remembered: 5, forgotten: 6, closed: 7)
    return status
  }

  @Test func `a status is the same after it was JSON`() throws {
    let status = Self.sample
    let again = try ProxyStatus(json: try status.json)
    #expect(again == status)
    let bare = ProxyStatus(
      generation: "1/0", engine: ProxyStatus.Engine(kind: "none", isSupervised: false, instances: []))
    let bareAgain = try ProxyStatus(json: try bare.json)
    #expect(bareAgain == bare)
  }

  @Test func `Prometheus reads every metric with its meaning, and label values are escaped`() {
    #expect(
      Self.sample.prometheus == #"""
        # HELP steer_proxy_info The generation that is served, and the engine.
        # TYPE steer_proxy_info gauge
        steer_proxy_info{generation="7/0123456789abcdef",engine="squid"} 1
        # HELP steer_proxy_instance_up Whether a process of the engine serves.
        # TYPE steer_proxy_instance_up gauge
        steer_proxy_instance_up{instance="one"} 1
        steer_proxy_instance_up{instance="two"} 0
        # HELP steer_proxy_instance_restarts_total How often a process of the engine was started again.
        # TYPE steer_proxy_instance_restarts_total counter
        steer_proxy_instance_restarts_total{instance="one"} 2
        steer_proxy_instance_restarts_total{instance="two"} 0
        # HELP steer_proxy_listener The engine's listeners: 1, or 0 if the route is gone.
        # TYPE steer_proxy_listener gauge
        steer_proxy_listener{port="13128",route="microsoft"} 1
        steer_proxy_listener{port="13129",route="a\\b\"c\nd"} 0
        # HELP steer_proxy_parent_up Whether a parent proxy is used.
        # TYPE steer_proxy_parent_up gauge
        steer_proxy_parent_up{parent="parent.example:3128",connect="",interval="5",timeout="2"} 1
        steer_proxy_parent_up{parent="[fd00::1]:3128",connect="login.example.com:443",interval="5",timeout="2"} 0
        # HELP steer_proxy_parent_check_seconds How long the last check of a parent took that succeeded.
        # TYPE steer_proxy_parent_check_seconds gauge
        steer_proxy_parent_check_seconds{parent="parent.example:3128",connect="",interval="5",timeout="2"} 0.003
        # HELP steer_proxy_decisions_total Decisions about requests of proxies.
        # TYPE steer_proxy_decisions_total counter
        steer_proxy_decisions_total{verdict="allowed",reason="allowed"} 3
        steer_proxy_decisions_total{verdict="denied",reason="noRule"} 4
        # HELP steer_proxy_malformed_total Requests that could not be read.
        # TYPE steer_proxy_malformed_total counter
        steer_proxy_malformed_total 1
        # HELP steer_proxy_would_deny_total Decisions that only the Report mode of a policy let through.
        # TYPE steer_proxy_would_deny_total counter
        steer_proxy_would_deny_total 2
        # HELP steer_proxy_helper_connections Helpers that are connected.
        # TYPE steer_proxy_helper_connections gauge
        steer_proxy_helper_connections 2
        # HELP steer_proxy_connections Open connections by routes that close what is revoked.
        # TYPE steer_proxy_connections gauge
        steer_proxy_connections 5
        # HELP steer_proxy_connections_forgotten_total Connections forgotten because there were too many.
        # TYPE steer_proxy_connections_forgotten_total counter
        steer_proxy_connections_forgotten_total 6
        # HELP steer_proxy_connections_closed_total Connections closed because they were no longer allowed.
        # TYPE steer_proxy_connections_closed_total counter
        steer_proxy_connections_closed_total 7
        # HELP steer_proxy_connections_closable Whether connections that are revoked can be closed.
        # TYPE steer_proxy_connections_closable gauge
        steer_proxy_connections_closable 1

        """#)
  }

  @Test func `a running server says its status to whoever may ask`() async throws {
    let status = Self.sample
    let json = try status.json
    try await serving(json) { path in
      let told = try await ProxyStatus.ask(path)
      #expect(told == status)
    }
  }

  @Test(arguments: [("", "does not answer"), ("{}", "no steer of this version"), ("nonsense", "no steer")])
  func `an answer that is no status is an error`(answer: String, error: String) async throws {
    try await serving(Array(answer.utf8)) { path in
      let failure = await #expect(throws: ProxyStatus.Failure.self) { try await ProxyStatus.ask(path) }
      #expect(failure?.description.contains(error) == true, "\(failure?.description ?? "")")
    }
  }

  @Test func `without a server it is said why there is no status`() async throws {
    let folder = try TestFolder()
    let path = folder.path + "/none.socket"
    let absent = await #expect(throws: ProxyStatus.Failure.self) { try await ProxyStatus.ask(path) }
    #expect(absent?.description.contains("there is no socket at \(path)") == true)
    // A file that nobody listens at any more.
    let descriptor = try DecisionSocket.listen(at: path)
    close(descriptor)
    let silent = await #expect(throws: ProxyStatus.Failure.self) { try await ProxyStatus.ask(path) }
    #expect(silent?.description.contains("nobody listens at \(path)") == true)
  }

  /// Runs a decision server with a status for as long as `body` takes.
  private func serving(_ status: [UInt8], _ body: (String) async throws -> Void) async throws {
    let folder = try TestFolder()
    let path = folder.path + "/decisions.socket"
    let decider = Decider(
      try TestPolicy.snapshot(TestPolicy.minimal), parents: ParentHealth(logger: Logger(label: "test")),
      connections: nil, log: nil)
    let server = try await DecisionServer(
      path: path, decider: decider, allowedUsers: [], status: { status }, logger: Logger(label: "test"))
    do { try await body(path) } catch { Issue.record(error) }
    await server.stop()
  }
}
