import Control
import ProxyRoutes
import SteeringPolicy
import TestSupport
import Testing

@Suite struct ParentPeersTests {
  private func route(_ name: String, _ parents: [EgressRoute.ParentProxy]) throws -> EgressRoute {
    let loaded = PolicyLoader.load([PolicyFile(path: "policy.yaml", text: TestPolicy.minimal)])
    var route = try #require(loaded.policy?.routes.first)
    route.name = name
    route.parentProxies = parents
    return route
  }

  @Test func `routes with the same parents in the same order share their peers, and others do not`() throws {
    let (one, two) = (
      EgressRoute.ParentProxy(host: "one.example", port: 1), EgressRoute.ParentProxy(host: "two.example", port: 2)
    )
    let peers = ParentPeers(of: [
      try route("a", [one, two]), try route("b", [one, two]), try route("c", [two, one]), try route("d", []),
    ])
    #expect(peers.peers.map(\.parent) == [one, two, two, one])
    #expect(Set(peers.peers.map(\.name)).count == 4)
    #expect(peers.peers(ofRoute: 0) == peers.peers(ofRoute: 1))
    #expect(peers.peers(ofRoute: 2).map(\.parent) == [two, one])
    #expect(peers.peers(ofRoute: 3).isEmpty)
  }

  @Test func `a peer has the same name whatever other routes there are`() throws {
    let parents = [EgressRoute.ParentProxy(host: "one.example", port: 1)]
    let other = [EgressRoute.ParentProxy(host: "two.example", port: 1)]
    let alone = ParentPeers(of: [try route("a", parents)])
    let beside = ParentPeers(of: [try route("b", other), try route("a", parents)])
    #expect(alone.peers(ofRoute: 0) == beside.peers(ofRoute: 1))
    #expect(alone.peers(ofRoute: 0) != beside.peers(ofRoute: 0))
  }
}
