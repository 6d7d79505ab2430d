import DNSWire
import Logging
import Steering
import SteeringPolicy
import TestSupport
import Testing

@testable import ProxyRoutes

@Suite struct OpenConnectionsTests {
  private static let documents = """
    apiVersion: egress.aibang.com/v1alpha1
    kind: SteeringZone
    metadata: {name: steer-test}
    spec: {zone: steer.test}
    ---
    apiVersion: egress.aibang.com/v1alpha1
    kind: EgressRoute
    metadata: {name: closed}
    spec:
      hostnames: [closed.steer.test]
      backendRefs: [{namespace: proxy, name: closed, port: 3128}]
      listenerPort: 13128
      domainNames: [login.example.com, "*.wild.example.com"]
    ---
    apiVersion: egress.aibang.com/v1alpha1
    kind: EgressRoute
    metadata: {name: kept}
    spec:
      hostnames: [kept.steer.test]
      backendRefs: [{namespace: proxy, name: kept, port: 3128}]
      listenerPort: 13130
      domainNames: [login.example.com]
    ---
    apiVersion: egress.aibang.com/v1alpha1
    kind: EgressPolicy
    metadata: {name: team-a}
    spec:
      priority: 10
      subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: team-a}}}
      egress: [{name: all, action: Allow, routeRefs: [{name: closed}, {name: kept}]}]
    ---
    apiVersion: egress.aibang.com/v1alpha1
    kind: EgressPolicy
    metadata: {name: team-b}
    spec:
      priority: 20
      subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: team-b}}}
      egress: [{name: all, action: Allow, routeRefs: [{name: closed}, {name: kept}]}]
    ---
    {apiVersion: v1, kind: Namespace, metadata: {name: team-a}}
    ---
    {apiVersion: v1, kind: Namespace, metadata: {name: team-b}}
    ---
    {apiVersion: v1, kind: Pod, metadata: {namespace: team-a, name: api}, \
    status: {podIPs: [{ip: 127.8.1.1}, {ip: "fd00:8:1::1"}]}}
    ---
    {apiVersion: v1, kind: Pod, metadata: {namespace: team-b, name: api}, \
    status: {podIPs: [{ip: 127.8.2.1}, {ip: "fd00:8:2::1"}]}}
    ---
    {apiVersion: v1, kind: Service, metadata: {namespace: proxy, name: closed}, \
    spec: {clusterIP: 10.96.0.1, ports: [{port: 3128, targetPort: 13128}]}}
    ---
    {apiVersion: v1, kind: Service, metadata: {namespace: proxy, name: kept}, \
    spec: {clusterIP: 10.96.0.2, ports: [{port: 3128, targetPort: 13130}]}}
    """

  /// A client's end and the proxy's end of a connection.
  private final class Tunnel: Sendable {
    let client: IPAddress
    let listenerPort: UInt16
    private let ours: StreamSocket
    private let theirs: StreamSocket

    init(from client: IPAddress, to target: Endpoint, at listener: borrowing StreamSocket) throws {
      self.client = client
      listenerPort = target.port
      ours = try StreamSocket.connect(from: client, to: target)
      theirs = try listener.accept()
    }

    var isOpen: Bool { ours.isOpen && theirs.isOpen }
    var isOpenForClient: Bool { ours.isOpen }

    /// Ends what the client sends; the proxy may go on.
    func shutDownClient() { ours.shutDown() }

    func request(_ host: String = "login.example.com") -> ProxyRequest {
      ProxyRequest(
        client: client, clientPort: ours.port, listenerPort: listenerPort,
        destination: Destination(host: host, port: 443))
    }
  }

  /// A network with two pods, and connections of theirs that the proxy has accepted.
  private struct Scene: Sendable {
    let connections: OpenConnections
    /// From each pod one to each listener, over IPv4 and over IPv6.
    let tunnels: [Tunnel]

    /// Everything, with a proxy that listens at `::` for both families or at `0.0.0.0` for IPv4 alone.
    static func make(listeningAt listening: String = "::", capacity: Int = 100) async throws -> Scene {
      try await OwnNetwork.with(["fd00:8:1::1", "fd00:8:2::1"]) {
        let any = try #require(IPAddress(listening))
        var tunnels: [Tunnel] = []
        // The listeners of two routes, and one of no route's between them.
        for port: UInt16 in [13_128, 13_129, 13_130] {
          let listener = try StreamSocket.listen(at: any, port: port)
          for team in ["1", "2"] {
            let client = try #require(IPAddress("127.8.\(team).1"))
            let loopback = try #require(Endpoint("127.0.0.1:\(port)"))
            tunnels.append(try Tunnel(from: client, to: loopback, at: listener))
            guard !any.isIPv4, let client = IPAddress("fd00:8:\(team)::1") else { continue }
            tunnels.append(try Tunnel(from: client, to: Endpoint(address: client, port: port), at: listener))
          }
        }
        return Scene(
          connections: OpenConnections(logger: Logger(label: "test"), capacity: capacity), tunnels: tunnels)
      }
    }

    /// Tells of all tunnels, as the decision about each does.
    func open(_ tunnels: [Tunnel]? = nil, to host: String = "login.example.com", in snapshot: Snapshot) throws {
      for tunnel in tunnels ?? self.tunnels {
        let request = tunnel.request(host)
        guard let route = snapshot.route(listenerPort: request.listenerPort) else { continue }
        #expect(ProxyAuthorizer.decide(request, in: snapshot).isAllowed)
        connections.opened(request, route: route, in: snapshot)
      }
    }

    func tunnels(of team: Int, to port: UInt16) -> [Tunnel] {
      let addresses = [IPAddress("127.8.\(team).1"), IPAddress("fd00:8:\(team)::1")]
      return tunnels.filter { $0.listenerPort == port && addresses.contains($0.client) }
    }

    /// Which of the tunnels are open, as their places.
    var open: [Int] { tunnels.indices.filter { tunnels[$0].isOpen } }
  }

  private static func snapshot(
    serial: UInt32, _ edit: (inout PolicySet) throws -> Void = { _ in }
  ) throws -> Snapshot {
    var policy = try TestPolicy.policy(documents)
    for index in policy.routes.indices where policy.routes[index].name == "closed" {
      policy.routes[index].onRevocation = .close
    }
    try edit(&policy)
    return try #require(SnapshotCompiler.compile(.init(policy: policy, serial: serial)).snapshot)
  }

  /// Without what team-b may.
  private static func withoutTeamB() throws -> Snapshot {
    try snapshot(serial: 2) { $0.policies.removeAll { $0.name == "team-b" } }
  }

  @Test(arguments: [("::", 2), ("0.0.0.0", 1)])
  func `only connections of the client and the route that are no longer allowed are closed`(
    listening: String, families: Int
  ) async throws {
    let scene = try await Scene.make(listeningAt: listening)
    #expect(scene.connections.canClose)
    let before = try Self.snapshot(serial: 1)
    try scene.open(in: before)
    #expect(scene.connections.counts.remembered == 2 * families)
    await scene.connections.revoke(in: before)
    #expect(scene.open == Array(scene.tunnels.indices))

    await scene.connections.revoke(in: try Self.withoutTeamB())
    let revoked = scene.tunnels(of: 2, to: 13_128)
    #expect(revoked.count == families)
    for (index, tunnel) in scene.tunnels.enumerated() {
      #expect(tunnel.isOpen != revoked.contains { $0 === tunnel }, "\(index)")
    }
    #expect(scene.connections.counts.closed == families && scene.connections.counts.remembered == families)
  }

  @Test func `only connections to a destination that a route lost are closed`() async throws {
    let scene = try await Scene.make()
    let before = try Self.snapshot(serial: 1)
    let (lost, other) = (scene.tunnels(of: 1, to: 13_128), scene.tunnels(of: 2, to: 13_128))
    try scene.open(lost, to: "a.wild.example.com", in: before)
    try scene.open(other, in: before)
    await scene.connections.revoke(in: try Self.snapshot(serial: 2) { $0.routes[0].destinations.removeLast() })
    #expect(lost.allSatisfy { !$0.isOpen } && other.allSatisfy(\.isOpen))
  }

  @Test func `a client that has ended what it sends does not go on receiving`() async throws {
    let scene = try await Scene.make()
    let before = try Self.snapshot(serial: 1)
    try scene.open(in: before)
    let revoked = scene.tunnels(of: 2, to: 13_128)
    for tunnel in revoked { tunnel.shutDownClient() }
    #expect(revoked.allSatisfy { $0.isOpenForClient })
    await scene.connections.revoke(in: try Self.withoutTeamB())
    #expect(revoked.allSatisfy { !$0.isOpenForClient })
  }

  @Test func `all connections of a route that is gone are closed, those of others not`() async throws {
    let scene = try await Scene.make()
    let before = try Self.snapshot(serial: 1)
    // Of those of team-b nothing is remembered.
    try scene.open(scene.tunnels(of: 1, to: 13_128), in: before)
    let gone = try Self.snapshot(serial: 2) { policy in
      // Another route has taken the place of the first.
      policy.routes[0].name = "new"
      policy.routes[0].listenerPort = 13_140
    }
    await scene.connections.revoke(in: before)
    await scene.connections.revoke(in: gone)
    #expect(scene.tunnels(of: 1, to: 13_128).allSatisfy { !$0.isOpen })
    try await Self.until {
      await scene.connections.revoke(in: gone)
    } isTrue: {
      scene.tunnels(of: 2, to: 13_128).allSatisfy { !$0.isOpen }
    }
    #expect(scene.open.count == scene.tunnels.count - 4)
  }

  @Test func `a connection is closed once another pod has the address of its client`() async throws {
    let scene = try await Scene.make()
    let before = try Self.snapshot(serial: 1)
    try scene.open(in: before)
    let pods = try TestPolicy.policy(Self.documents).inventory.pods
    let other = pods.map { pod in
      var pod = pod
      if pod.name.namespace == "team-a" { pod.name.name = "other" }
      return pod
    }
    await scene.connections.revoke(in: before.replacing(pods: PodIndex(other), areSynchronized: true))
    #expect(scene.tunnels(of: 1, to: 13_128).allSatisfy { !$0.isOpen })
    #expect(scene.open.count == scene.tunnels.count - 2)
  }

  @Test func `nothing is closed because the pods are not known yet`() async throws {
    let scene = try await Scene.make()
    let before = try Self.snapshot(serial: 1)
    try scene.open(in: before)
    await scene.connections.revoke(in: before.replacing(pods: PodIndex([]), areSynchronized: false))
    #expect(scene.open.count == scene.tunnels.count)
    await scene.connections.revoke(in: before.replacing(pods: PodIndex([]), areSynchronized: true))
    #expect(scene.tunnels(of: 1, to: 13_128).allSatisfy { !$0.isOpen })
  }

  @Test func `a route that keeps what is revoked from now on lets its connections go on`() async throws {
    let scene = try await Scene.make()
    try scene.open(in: try Self.snapshot(serial: 1))
    await scene.connections.revoke(
      in: try Self.snapshot(serial: 2) { policy in
        policy.policies = []
        policy.routes[0].onRevocation = .keep
      })
    #expect(scene.open.count == scene.tunnels.count)
    #expect(scene.connections.counts.remembered == 0)
  }

  @Test func `a connection that was forgotten is closed once its client may not use the route at all`() async throws {
    let scene = try await Scene.make(capacity: 1)
    let before = try Self.snapshot(serial: 1)
    try scene.open(in: before)
    #expect(scene.connections.counts.remembered == 1 && scene.connections.counts.forgotten == 3)
    let after = try Self.withoutTeamB()
    try await Self.until {
      await scene.connections.revoke(in: after)
    } isTrue: {
      scene.tunnels(of: 2, to: 13_128).allSatisfy { !$0.isOpen }
    }
    #expect(scene.open.count == scene.tunnels.count - 2)
    #expect(scene.connections.counts.closed == 2)
  }

  @Test func `a connection whose request is still to be decided is not closed at once`() async throws {
    let scene = try await Scene.make()
    await scene.connections.revoke(in: try Self.withoutTeamB())
    #expect(scene.open.count == scene.tunnels.count)
  }

  @Test func `what was decided by the snapshot before is decided anew`() async throws {
    let scene = try await Scene.make()
    let (before, after) = (try Self.snapshot(serial: 1), try Self.withoutTeamB())
    await scene.connections.revoke(in: after)
    try scene.open(in: before)
    // What is older than what is served does not undo it.
    await scene.connections.revoke(in: before)
    #expect(scene.open.count == scene.tunnels.count)
    await scene.connections.revoke(in: after)
    #expect(scene.tunnels(of: 2, to: 13_128).allSatisfy { !$0.isOpen })
    #expect(scene.open.count == scene.tunnels.count - 2)
  }

  @Test func `connections that have ended are forgotten, and new ones that are not listed yet are not`() async throws
  {
    let connections = try await OwnNetwork.with {
      OpenConnections(logger: Logger(label: "test"), capacity: 10)
    }
    let snapshot = try Self.snapshot(serial: 1)
    let request = ProxyRequest(
      client: try #require(IPAddress("127.8.1.1")), clientPort: 4000, listenerPort: 13_128,
      destination: Destination(host: "login.example.com", port: 443))
    connections.opened(request, route: 0, in: snapshot)
    #expect(connections.counts.remembered == 1)
    await connections.revoke(in: snapshot)
    #expect(connections.counts.remembered == 0)

    var memory = ConnectionMemory(capacity: 10)
    let started = memory.begin(snapshot)
    let number = try #require(started)
    memory.add(request, route: "closed", pod: nil, allowedBy: snapshot)
    _ = memory.compare([], upTo: number)
    #expect(memory.counts.remembered == 1)
  }

  @Test func `without the capability it is known that nothing can be closed`() async throws {
    let administersNetworks = 12
    let canClose = try await OwnNetwork.with {
      try OwnNetwork.give(up: administersNetworks)
      return OpenConnections(logger: Logger(label: "test")).canClose
    }
    #expect(!canClose)
  }

  /// Does something again and again until a condition holds.
  private static func until(_ action: () async -> Void, isTrue condition: () -> Bool) async throws {
    try await eventually("what was done has come to have its effect") {
      await action()
      return condition()
    }
  }
}
