import KubernetesAPI
import Testing

@testable import Control

@Suite struct FreshnessTests {
  private typealias PodChange = Change<Pod>

  private func pods(_ freshness: Freshness) throws -> Freshness.State {
    try #require(freshness.states.first { $0.resource == .pods })
  }

  @Test func `nothing is known at first, and everything once each resource was told`() throws {
    let freshness = Freshness([.pods, .services])
    #expect(freshness.states.map(\.resource) == [.pods, .services])
    #expect(!freshness.isSynchronized && freshness.staleness == 0)
    #expect(try pods(freshness).age == nil)
    freshness.note([PodChange.relisting, .synchronized], of: .pods, count: 3)
    #expect(!freshness.isSynchronized, "the Services are not told yet")
    freshness.note([Change<Service>.relisting, .synchronized], of: .services, count: 0)
    #expect(freshness.isSynchronized && freshness.staleness == nil)
    let state = try pods(freshness)
    #expect(state.count == 3 && state.lists == 1 && state.age != nil)
  }

  @Test func `a server that is lost makes what is known stale until it is heard again`() throws {
    let freshness = Freshness([.pods])
    freshness.note([PodChange.relisting, .synchronized], of: .pods, count: 1)
    freshness.note([PodChange.lost("connection refused")], of: .pods, count: 1)
    #expect(try pods(freshness).lost == "connection refused")
    #expect(freshness.staleness != nil && freshness.isSynchronized, "what was told is still known")
    freshness.note([PodChange.heard], of: .pods, count: 1)
    #expect(try pods(freshness).lost == nil && freshness.staleness == nil)
  }

  @Test func `a list that is not whole does not make what is known fresh`() throws {
    let freshness = Freshness([.pods])
    freshness.note([PodChange.relisting, .synchronized], of: .pods, count: 1)
    freshness.note([PodChange.lost("410"), .relisting, .heard], of: .pods, count: 1)
    #expect(try pods(freshness).lost == "410" && freshness.staleness != nil)
    freshness.note([PodChange.synchronized], of: .pods, count: 0)
    #expect(try pods(freshness).lost == nil && freshness.staleness == nil)
  }

  @Test func `what was kept has its age until the server is heard`() throws {
    let freshness = Freshness([.pods])
    freshness.restore([.pods], age: 100)
    #expect((freshness.staleness ?? 0) >= 100)
    freshness.note([PodChange.relisting], of: .pods, count: 0)
    let heard = try #require(try pods(freshness).age)
    #expect(heard < 100)
    freshness.restore([.pods], age: 100)
    let restored = try #require(try pods(freshness).age)
    #expect(restored < 100, "what was heard is fresher")
  }
}
