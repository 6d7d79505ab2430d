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
    #expect(Set(peers.peers.map(\.name)).count == 4)
    #expect(peers.peers(ofRoute: 0) == peers.peers(ofRoute: 1))
    #expect(peers.peers(ofRoute: 2).map(\.parent) == [two, one])
    #expect(peers.peers(ofRoute: 3).isEmpty)
  }

  @Test func `a peer's name follows from its list alone, so that two policies never mean different parents by one`()
    throws
  {
    let (one, two) = (
      EgressRoute.ParentProxy(host: "one.example", port: 1), EgressRoute.ParentProxy(host: "two.example", port: 2)
    )
    let before = ParentPeers(of: [try route("a", [one]), try route("b", [one, two])])
    let after = ParentPeers(of: [try route("b", [one, two])])
    #expect(before.peers(ofRoute: 1).map(\.name) == after.peers(ofRoute: 0).map(\.name))
    var turns = try route("b", [one, two])
    turns.parentSelection = .roundRobin
    let names = [before, ParentPeers(of: [try route("b", [two, one])]), ParentPeers(of: [turns])]
      .flatMap { $0.peers.map(\.name) }
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.utf8.count <= 21 })
  }
}
