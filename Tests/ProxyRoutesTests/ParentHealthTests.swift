import DNSWire
import InMemoryLogging
import Logging
import NIOCore
import NIOPosix
import SteeringPolicy
import Synchronization
import TestSupport
import Testing

@testable import ProxyRoutes

@Suite struct ParentHealthTests {
  private static let loopback = IPAddress(v4: 0x7F00_0001)
  private let logs = InMemoryLogHandler()

  /// A route whose parents are at ports of a host.
  private func route(
    _ ports: UInt16..., host: String = "127.0.0.1", connect: String? = nil, timeout: UInt32 = 60
  ) throws -> EgressRoute {
    var route = try #require(try TestPolicy.policy(TestPolicy.minimal).routes.first)
    route.parentProxies = ports.map { EgressRoute.ParentProxy(host: host, port: $0) }
    route.healthCheck.interval = 1
    route.healthCheck.timeout = timeout
    route.healthCheck.connect = connect.map { EgressRoute.ConnectTarget(host: $0, port: 443) }
    return route
  }

  /// Checks the parents of routes for as long as `body` takes, in a hurry: a second takes 50 milliseconds.
  private func check(
    _ routes: [EgressRoute], probe: ParentProbe = ParentProbe(), _ body: (ParentHealth) async throws -> Void
  ) async throws {
    let health = ParentHealth(
      logger: Logger(label: "test") { [logs] _ in logs }, second: .milliseconds(50), probe: probe)
    health.follow(routes)
    let running = Task { await health.run() }
    do {
      try await body(health)
    } catch {
      Issue.record(error)
    }
    running.cancel()
    await running.value
  }

  /// The states once a condition holds for them.
  private func states(
    of health: ParentHealth, when condition: ([ParentHealth.State]) -> Bool
  ) async throws -> [ParentHealth.State] {
    try await waiting(for: "the parents' states: \(health.states)") {
      let states = health.states
      return condition(states) ? states : nil
    }
  }

  /// The only state once it was checked.
  private func checkedState(of routes: [EgressRoute]) async throws -> ParentHealth.State {
    var found: ParentHealth.State?
    try await check(routes) { health in
      found = try await states(of: health) { $0.allSatisfy(\.isChecked) }.first
    }
    return try #require(found)
  }

  @Test func `a parent that accepts connections is up`() async throws {
    let listener = try StreamSocket.listen(at: Self.loopback)
    let state = try await checkedState(of: [try route(listener.port)])
    #expect(state.isUp && state.lastError == nil && state.latency != nil && state.since != nil)
  }

  @Test func `a parent that refuses connections is down at the first check`() async throws {
    let socket = try StreamSocket.bound(to: Self.loopback)
    let state = try await checkedState(of: [try route(socket.port)])
    #expect(!state.isUp && state.lastError?.contains("refused") == true, "\(state)")
  }

  @Test func `a parent that takes no connection in time is down`() async throws {
    let full = try StreamSocket.full()
    let state = try await checkedState(of: [try route(full.listener.port, timeout: 4)])
    #expect(!state.isUp && state.lastError == "timed out", "\(state)")
  }

  @Test func `a parent counts as up before it was checked and when nobody follows it`() throws {
    let health = ParentHealth(logger: Logger(label: "test"))
    let route = try route(1)
    #expect(health.isUp(route.parentProxies[0], checkedBy: route.healthCheck))
    health.follow([route])
    #expect(health.isUp(route.parentProxies[0], checkedBy: route.healthCheck))
    #expect(health.states.map(\.isChecked) == [false])
  }

  @Test(
    arguments: [
      ("HTTP/1.1 200 Connection established\r\n\r\n", nil),
      ("HTTP/1.0 200 OK\r\n\r\n", nil),
      ("HTTP/1.1 200\r\n\r\n", nil),
      ("HTTP/1.1 403 Forbidden\r\n\r\n", "answered CONNECT with 403"),
      ("HTTP/1.1 503 Service Unavailable\r\n\r\n", "answered CONNECT with 503"),
      ("SSH-2.0-OpenSSH_9.2\r\n", "answered CONNECT with something else than HTTP"),
      ("HTTP/1.1 2000\r\n\r\n", "answered CONNECT with something else than HTTP"),
      ("HTTP/1.1 20\r\n\r\n", "answered CONNECT with something else than HTTP"),
      ("\n", "answered CONNECT with something else than HTTP"),
      (String(repeating: "x", count: 5000), "answered CONNECT with something else than HTTP"),
      ("HTTP/1.1 200", "closed the connection without an answer to CONNECT"),
      ("", "closed the connection without an answer to CONNECT"),
    ] as [(String, String?)])
  func `a parent that is asked to connect must answer 200`(answer: String, error: String?) async throws {
    let proxy = try ProxyStandIn(answering: answer)
    let state = try await checkedState(of: [try route(proxy.endpoint.port, connect: "login.example.com")])
    #expect(state.isUp == (error == nil) && state.lastError == error, "\(state)")
    let request = try #require(proxy.requests.first)
    #expect(request.hasPrefix("CONNECT login.example.com:443 HTTP/1.1\r\nHost: login.example.com:443\r\n"))
  }

  @Test func `a parent that does not answer a CONNECT in time is down`() async throws {
    let proxy = try ProxyStandIn(answering: nil)
    let state = try await checkedState(of: [try route(proxy.endpoint.port, connect: "login.example.com", timeout: 4)])
    #expect(!state.isUp && state.lastError == "timed out", "\(state)")
  }

  @Test func `a parent goes down after two failures and comes back after one success, each told once`() async throws {
    let proxy = try ProxyStandIn(answering: "HTTP/1.1 200 OK\r\n\r\n")
    let port = proxy.endpoint.port
    try await check([try route(port, connect: "login.example.com")]) { health in
      _ = try await states(of: health) { $0[0].isChecked && $0[0].isUp }
      proxy.stop()
      let doubtful = try await states(of: health) { $0[0].lastError != nil }
      #expect(doubtful[0].isUp, "one failure is not enough")
      _ = try await states(of: health) { !$0[0].isUp }
      let other = try ProxyStandIn(answering: "HTTP/1.1 200 OK\r\n\r\n", port: port)
      _ = try await states(of: health) { $0[0].isUp }
      let count = other.requests.count
      // Checked again and again without a word.
      _ = try await states(of: health) { _ in other.requests.count > count + 3 }
    }
    let told = logs.entries.map(\.message.description)
    #expect(told == ["a parent proxy is up", "a parent proxy is down", "a parent proxy is up"])
    #expect(logs.entries[1].metadata["reason"] != nil)
  }

  @Test func `parents are checked once for all routes, and no more when no route has them`() async throws {
    let (one, two) = (
      try ProxyStandIn(answering: "HTTP/1.1 200 OK\r\n\r\n"), try ProxyStandIn(answering: "HTTP/1.1 200 OK\r\n\r\n")
    )
    let both = try route(one.endpoint.port, two.endpoint.port, connect: "login.example.com")
    try await check([both, both]) { health in
      #expect(health.states.count == 2)
      _ = try await states(of: health) { $0.allSatisfy(\.isChecked) }
      let first = try #require(health.states.first { $0.parent.port == one.endpoint.port })
      health.follow([try route(one.endpoint.port, connect: "login.example.com")])
      #expect(health.states.map(\.since) == [first.since], "what is known of a parent that stays is kept")
      // One check may have been under way.
      let (seen, limit) = (one.requests.count, two.requests.count + 1)
      _ = try await states(of: health) { _ in one.requests.count > seen + 5 }
      #expect(two.requests.count <= limit)
    }
  }

  @Test func `each of a host's addresses is tried, and a name that cannot be asked for keeps its last ones`()
    async throws
  {
    let listener = try StreamSocket.listen(at: Self.loopback)
    let mode = Mutex(0)
    let lookups = Atomic(0)
    let loopbacks = ["127.0.0.2", "127.0.0.1"]
    let resolver = SystemResolver(on: MultiThreadedEventLoopGroup.singleton) { host throws(SystemResolver.Failure) in
      lookups.add(1, ordering: .relaxed)
      let mode = mode.withLock { $0 }
      if mode > 0 { throw SystemResolver.Failure(isFinal: mode == 2, description: "no \(host)") }
      return loopbacks.compactMap { try? SocketAddress(ipAddress: $0, port: 0) }
    }
    try await check([try route(listener.port, host: "parent.example")], probe: ParentProbe(resolver: resolver)) {
      health in
      let state = try await states(of: health) { $0[0].isChecked }
      #expect(state[0].isUp, "\(state)")
      mode.withLock { $0 = 1 }
      var count = lookups.load(ordering: .relaxed)
      _ = try await states(of: health) { _ in lookups.load(ordering: .relaxed) > count + 6 }
      #expect(health.states[0].isUp && health.states[0].lastError == nil)
      mode.withLock { $0 = 2 }
      count = lookups.load(ordering: .relaxed)
      let down = try await states(of: health) { !$0[0].isUp }
      #expect(down[0].lastError == "no parent.example")
    }
  }

  @Test func `the system's resolver is asked for names`() async throws {
    let listener = try StreamSocket.listen(at: Self.loopback)
    let up = try await checkedState(of: [try route(listener.port, host: "localhost")])
    #expect(up.isUp, "\(up)")
    let down = try await checkedState(of: [try route(listener.port, host: "no-such-host.invalid")])
    #expect(!down.isUp && down.lastError?.isEmpty == false, "\(down)")
  }

  @Test func `checks end with their task, though an answer is still awaited`() async throws {
    let proxy = try ProxyStandIn(answering: nil)
    let start = ContinuousClock.now
    try await check([try route(proxy.endpoint.port, connect: "login.example.com", timeout: 2000)]) { health in
      _ = try await states(of: health) { _ in !proxy.requests.isEmpty }
    }
    #expect(start.duration(to: .now) < .seconds(60), "the timeout is 100 seconds")
  }
}
