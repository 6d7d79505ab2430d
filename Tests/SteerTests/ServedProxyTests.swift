import Foundation
import Glibc
import ProxyRoutes
import TestSupport
import Testing

/// A server with supervised Squids on loopback, before a parent that takes everything.
@Suite(.serialized) struct ServedProxyTests {
  @Test func `a pod that may resolve a route connects by it, and others and elsewhere is refused`() async throws {
    try await ServedProxy.serving { proxy in
      let allowed = try proxy.listener.tunnel(from: "127.0.0.11", to: "login.microsoft.com:443")
      #expect(try allowed.echoes("through"))
      #expect(proxy.listener.refusal(from: "127.0.0.13", to: "login.microsoft.com:443") == "noRule")
      #expect(proxy.listener.refusal(from: "127.0.0.11", to: "www.example.com:443") == "destination")
      #expect(proxy.listener.refusal(from: "127.0.0.11", to: "login.microsoft.com:22") == "port")
      #expect(proxy.listener.refusal(from: "127.0.0.99", to: "login.microsoft.com:443") == "noRule")
    }
  }

  @Test func `a change of the policy is effective for the next connection, and ends no tunnel`() async throws {
    try await ServedProxy.serving { proxy in
      let before = try proxy.listener.tunnel(from: "127.0.0.11", to: "login.microsoft.com:443")
      try proxy.policy.replace("metadata.name: team-a", with: "metadata.name: team-c", in: "policies.yaml")
      try await eventually("team-c may connect, and team-a may not") {
        (try? proxy.listener.tunnel(from: "127.0.0.13", to: "login.microsoft.com:443")) != nil
          && proxy.listener.refusal(from: "127.0.0.11", to: "login.microsoft.com:443") == "noRule"
      }
      #expect(try before.echoes("still open"))
    }
  }

  @Test func `a route is answered only when its listener accepts, and its listener outlives its answers`()
    async throws
  {
    try await ServedProxy.serving { proxy in
      let port = try #require(try FreePorts.take(1).first)
      let routes = try String(contentsOf: proxy.policy.url.appending(path: "routes.yaml"), encoding: .utf8)
      let inventory = try String(contentsOf: proxy.policy.url.appending(path: "inventory.yaml"), encoding: .utf8)
      let policies = try String(contentsOf: proxy.policy.url.appending(path: "policies.yaml"), encoding: .utf8)
      // A generation between two writes may be refused; the last one counts.
      try proxy.policy.write(
        inventory + """
          - apiVersion: v1
            kind: Service
            metadata: {namespace: intra-proxy, name: third}
            spec: {clusterIPs: [10.96.7.30], ports: [{port: 3128, targetPort: \(port)}]}

          """, to: "inventory.yaml")
      try proxy.policy.write(
        routes + """
          ---
          apiVersion: egress.aibang.com/v1alpha1
          kind: EgressRoute
          metadata: {name: third}
          spec:
            hostnames: [third.intra.aibang.local]
            backendRefs: [{kind: Service, namespace: intra-proxy, name: third, port: 3128}]
            listenerPort: \(port)
            domainNames: [third.example.com]
            parentProxies: [{host: 127.0.0.1, port: \(proxy.parent.port)}]

          """, to: "routes.yaml")
      try proxy.policy.write(
        policies.replacing("routeRefs: [{name: microsoft}]}", with: "routeRefs: [{name: microsoft}, {name: third}]}"),
        to: "policies.yaml")
      try await eventually("the new name is answered") {
        try proxy.steer.ask("third.intra.aibang.local").answer.isEmpty == false
      }
      let tunnel = try Tunnel(proxy: port, from: "127.0.0.11", to: "third.example.com:443")
      for (text, file) in [(policies, "policies.yaml"), (routes, "routes.yaml"), (inventory, "inventory.yaml")] {
        try proxy.policy.write(text, to: file)
      }
      try await eventually("the name is gone") {
        try proxy.steer.ask("third.intra.aibang.local").rcode == 3
      }
      #expect(throws: Tunnel.Refused.self) {
        try Tunnel(proxy: port, from: "127.0.0.11", to: "third.example.com:443")
      }
      #expect(try tunnel.echoes("still open"))
      try await eventually("the listener is closed once no answer can be remembered") {
        (try? LoopbackSocket().connect(to: port)) == nil
      }
    }
  }

  @Test func `a generation whose listener cannot be had is not served, and the last good one serves on`() async throws
  {
    try await ServedProxy.serving { proxy in
      let taken = try LoopbackSocket()
      try taken.listen()
      let before = try proxy.steer.generation()
      try proxy.policy.replace("\(proxy.listener.port)", with: "\(taken.port)", in: "inventory.yaml")
      try proxy.policy.replace("\(proxy.listener.port)", with: "\(taken.port)", in: "routes.yaml")
      try await eventually("the failure is logged") { proxy.steer.child.errors.contains("publishing failed") }
      #expect(proxy.steer.child.errors.contains("\(taken.port)"))
      #expect(try proxy.steer.generation() == before)
      #expect(try proxy.listener.tunnel(from: "127.0.0.11", to: "login.microsoft.com:443").echoes("as before"))
    }
  }

  @Test func `a parent that comes up after the Squids is used, and until then the answer is 503`() async throws {
    try await ServedProxy.serving { proxy in
      let port = try #require(try FreePorts.take(1).first)
      try proxy.policy.replace("port: \(proxy.parent.port)", with: "port: \(port)", in: "routes.yaml")
      try await eventually("the new parent is found down") {
        proxy.listener.answer(from: "127.0.0.11", to: "login.microsoft.com:443").contains(
          "X-Steer-Reason: parentsDown")
      }
      #expect(proxy.listener.answer(from: "127.0.0.11", to: "login.microsoft.com:443").hasPrefix("HTTP/1.1 503 "))
      let parent = try EchoParent(port: port)
      try await eventually("both Squids use it") {
        // The kernel spreads the connections among the Squids.
        (0..<20).allSatisfy { _ in
          (try? proxy.listener.tunnel(from: "127.0.0.11", to: "login.microsoft.com:443")) != nil
        }
      }
      #expect(parent.port == port)
    }
  }

  @Test func `the status tells of Squids, helpers, parents and decisions`() async throws {
    try await ServedProxy.serving { proxy in
      _ = try proxy.listener.tunnel(from: "127.0.0.11", to: "login.microsoft.com:443")
      _ = proxy.listener.refusal(from: "127.0.0.13", to: "login.microsoft.com:443")
      let asked = try await Steer.run(
        "status", "--socket", proxy.place.folder.path(of: "proxy/decisions.socket"), "--output", "json")
      #expect(asked.status == 0, "\(asked.errors)")
      let status = try ProxyStatus(json: Array(asked.output.utf8))
      #expect(status.engine.instances.map(\.state) == ["running", "running"])
      #expect(try Set(status.engine.instances.compactMap(\.pid).map(Int32.init)) == Set(proxy.place.squids()))
      #expect(status.helperConnections == 2)
      #expect(status.listeners.map(\.route).sorted() == ["github", "microsoft"])
      #expect(status.parents.map(\.port) == [proxy.parent.port])
      #expect(
        Set(status.decisions.map { "\($0.verdict) \($0.reason) \($0.count)" }) == [
          "allowed allowed 1", "denied noRule 1",
        ])
      let generation = try proxy.steer.generation()
      #expect(status.generation.hasPrefix("\(generation.serial)/"))
    }
  }

  @Test func `on SIGTERM tunnels drain, then the Squids end, and nothing of them is left`() async throws {
    var pids: [Int32] = []
    try await ServedProxy.serving { proxy in
      pids = try proxy.place.squids()
      #expect(pids.count == 2)
      let tunnel = try proxy.listener.tunnel(from: "127.0.0.11", to: "login.microsoft.com:443")
      proxy.steer.child.send(SIGTERM)
      try await eventually("no new tunnel is opened") {
        (try? LoopbackSocket().connect(to: proxy.listener.port)) == nil
      }
      #expect(try tunnel.echoes("drains"))
      // With the last tunnel the Squids end, long before they would by themselves.
      shutdown(tunnel.socket.descriptor, Int32(SHUT_RDWR))
      #expect(try await proxy.steer.child.status() == 0)
    }
    for pid in pids { #expect(kill(pid, 0) != 0) }
  }

  @Test func `a second server gets neither the folder nor the ports of the first`() async throws {
    try await ServedProxy.serving { proxy in
      for (folder, reason) in [
        (proxy.place.folder.path(of: "proxy"), "another steer has the folder"),
        (proxy.place.folder.path(of: "other"), "another program listens on port"),
      ] {
        let second = try await Steer.run(
          "serve", "--policy", proxy.policy.path, "--listen", "127.0.0.1:0",
          environment: [
            "STEER_PROXY_ENGINE": "squid", "STEER_PROXY_FOLDER": folder, "STEER_PROXY_LISTEN": "127.0.0.1",
            "STEER_PROXY_SOCKET": proxy.place.folder.path(of: "other.socket"),
          ])
        #expect(second.status == 1)
        #expect(second.errors.contains(reason), "\(second.errors)")
      }
      #expect(try proxy.listener.tunnel(from: "127.0.0.11", to: "login.microsoft.com:443").echoes("as before"))
    }
  }

  @Test func `a decision socket that was removed is made anew`() async throws {
    try await ServedProxy.serving { proxy in
      let socket = proxy.place.folder.path(of: "proxy/decisions.socket")
      try FileManager.default.removeItem(atPath: socket)
      try await eventually("the status can be asked for again") {
        try await Steer.run("status", "--socket", socket).status == 0
      }
      #expect(proxy.steer.child.errors.contains("the decision socket was removed, and is made anew"))
      try await eventually("the helpers are connected again, and who may connect does") {
        (try? proxy.listener.tunnel(from: "127.0.0.11", to: "login.microsoft.com:443").echoes("as before")) == true
      }
    }
  }

  @Test func `without Squid the server says what to do, and does not start`() async throws {
    let folder = try WorkingFolder()
    let outcome = try await Steer.run(
      "serve", "--policy", WorkingFolder.zones.path, "--listen", "127.0.0.1:0",
      environment: [
        "STEER_PROXY_ENGINE": "squid", "STEER_PROXY_SQUID": "/nowhere/squid",
        "STEER_PROXY_FOLDER": folder.path(of: "p"),
      ])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("/nowhere/squid cannot be run"))
    #expect(outcome.errors.contains("proxy.squid"))
  }
}

/// A server with its Squids, and what they lead to.
private struct ServedProxy {
  let steer: SteerProcess
  let policy: WorkingFolder
  let parent: EchoParent
  /// The listener of the route microsoft.
  let listener: SquidListener
  let place: SquidPlace

  /// Runs a test with a server and the example policy, whose ports are free ones and whose parent is the test's.
  static func serving(_ body: (ServedProxy) async throws -> Void) async throws {
    let policy = try WorkingFolder(copying: WorkingFolder.zones)
    let parent = try EchoParent()
    let ports = try FreePorts.take(2)
    for (old, new) in zip(["13128", "13129"], ports) {
      for file in ["inventory.yaml", "routes.yaml"] { try policy.replace(old, with: "\(new)", in: file) }
    }
    try policy.replace(
      "{host: int-proxy.aibang.com, port: 3128}", with: "{host: 127.0.0.1, port: \(parent.port)}", in: "routes.yaml")
    try policy.replace("ttl: 30s", with: "ttl: 1s", in: "routes.yaml")
    try policy.replace("\n  ttl: 10s", with: "\n  ttl: 1s", in: "zone.yaml")
    try await SquidPlace.with { place in
      try await SteerProcess.serving(policy.path, environment: place.environment, binary: place.binary) { steer in
        try await body(
          ServedProxy(
            steer: steer, policy: policy, parent: parent, listener: SquidListener(port: ports[0]), place: place))
        steer.child.send(SIGTERM)
        _ = try await steer.child.status()
      }
    }
  }
}
