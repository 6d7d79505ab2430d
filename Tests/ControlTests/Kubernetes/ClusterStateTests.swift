import DNSWire
import KubernetesAPI
import SteeringPolicy
import Testing

@testable import Control

/// What is known of a cluster while its API server tells it, and tells it anew.
@Suite struct ClusterStateTests {
  private static func namespace(_ name: String, _ labels: [String: String] = [:], uid: String = "1") -> Namespace {
    Namespace(name: name, uid: uid, labels: labels)
  }

  private static func service(_ name: String, _ addresses: [String], uid: String = "1") -> Service {
    Service(
      namespace: "proxies", name: name, uid: uid, clusterIPs: addresses,
      ports: [.init(port: 3128, target: .number(13128))])
  }

  private static func slice(_ name: String, of service: String, _ addresses: [String: Bool]) -> EndpointSlice {
    EndpointSlice(
      namespace: "proxies", name: name, uid: name, service: service, addressType: "IPv4",
      endpoints: addresses.map { .init(addresses: [$0.key], isReady: $0.value) })
  }

  private static func route(_ name: String, generation: Int64, uid: String = "1") -> CustomObject {
    CustomObject(
      key: .init(kind: "EgressRoute", name: name), uid: uid, resourceVersion: "\(generation)",
      generation: generation, created: 0, json: "{}")
  }

  @Test func `while objects are told anew the others stay, and go at the end`() {
    var state = ClusterState(readsPolicy: false, readsInventory: true)
    var isChanged = state.apply([.relisting, .applied(Self.namespace("a")), .applied(Self.namespace("b")), .synchronized])
    #expect(isChanged)
    #expect(state.inventory?.namespaces.keys.sorted() == ["a", "b"])
    isChanged = state.apply([.relisting, .applied(Self.namespace("b"))])
    #expect(!isChanged, "nothing is another yet")
    #expect(state.inventory?.namespaces.keys.sorted() == ["a", "b"])
    isChanged = state.apply([Change<Namespace>.synchronized])
    #expect(isChanged)
    #expect(state.inventory?.namespaces.keys.sorted() == ["b"])
    #expect(state.count(of: .namespaces) == 1)
  }

  @Test func `what is told again as it was changes nothing`() {
    var state = ClusterState(readsPolicy: false, readsInventory: true)
    _ = state.apply([.relisting, .applied(Self.namespace("a", ["team": "a"])), .synchronized])
    var isChanged = state.apply([.applied(Self.namespace("a", ["team": "a"])), .heard, .lost("away")])
    #expect(!isChanged)
    isChanged = state.apply([.relisting, .applied(Self.namespace("a", ["team": "a"])), .synchronized])
    #expect(!isChanged)
    isChanged = state.apply([.applied(Self.namespace("a", ["team": "b"]))])
    #expect(isChanged)
  }

  @Test func `the end of an object that was made again since is not the end of the new one`() {
    var state = ClusterState(readsPolicy: false, readsInventory: true)
    _ = state.apply([.applied(Self.service("squid", ["10.96.0.1"], uid: "old")), .synchronized])
    _ = state.apply([.applied(Self.service("squid", ["10.96.0.2"], uid: "new"))])
    var isChanged = state.apply([.deleted(Self.service("squid", ["10.96.0.1"], uid: "old"))])
    #expect(!isChanged)
    #expect(state.inventory?.services.values.first?.addresses == [IPAddress("10.96.0.2")].compactMap(\.self))
    isChanged = state.apply([.deleted(Self.service("squid", ["10.96.0.2"], uid: "new"))])
    #expect(isChanged)
    #expect(state.inventory?.services.isEmpty == true)
  }

  @Test func `a headless Service has the ready endpoints of all its slices, and others have none`() {
    let name = NamespacedName(namespace: "proxies", name: "headless")
    var state = ClusterState(readsPolicy: false, readsInventory: true)
    _ = state.apply([
      .applied(Self.service("headless", ["None"])), .applied(Self.service("squid", ["10.96.0.1"])), .synchronized,
    ])
    _ = state.apply([
      .applied(Self.slice("headless-1", of: "headless", ["10.8.0.2": true, "10.8.0.3": false])),
      .applied(Self.slice("headless-2", of: "headless", ["10.8.0.1": true])),
      .applied(Self.slice("squid-1", of: "squid", ["10.8.0.9": true])), .synchronized,
    ])
    let addresses = [IPAddress("10.8.0.1"), IPAddress("10.8.0.2")].compactMap(\.self)
    #expect(state.inventory?.endpoints == [name: addresses])
    #expect(state.inventory?.services[name]?.isHeadless == true)
    let isChanged = state.apply([.deleted(Self.slice("headless-2", of: "headless", [:]))])
    #expect(isChanged)
    #expect(state.inventory?.endpoints[name] == Array(addresses.suffix(1)))
  }

  @Test func `an object of the policy is another when its specification is, and not when its status is`() {
    var state = ClusterState(readsPolicy: true, readsInventory: false)
    var isChanged = state.apply([.applied(Self.route("a", generation: 1)), .synchronized], of: "EgressRoute")
    #expect(isChanged)
    var told = Self.route("a", generation: 1)
    told.json = #"{"status": {}}"#
    isChanged = state.apply([.applied(told)], of: "EgressRoute")
    #expect(!isChanged)
    #expect(state.policyObjects?.map(\.json) == [told.json], "its status is known all the same")
    isChanged = state.apply([.applied(Self.route("a", generation: 2))], of: "EgressRoute")
    #expect(isChanged)
    isChanged = state.apply([.applied(Self.route("a", generation: 2, uid: "2"))], of: "EgressRoute")
    #expect(isChanged)
    #expect(state.inventory == nil)
  }

  @Test func `only what a policy names makes inputs different`() {
    let named: Set = [NamespacedName(namespace: "proxies", name: "squid")]
    var state = ClusterState(readsPolicy: false, readsInventory: true)
    _ = state.apply([.applied(Self.service("squid", ["10.96.0.1"])), .synchronized])
    let before = ClusterInputs(inventory: state.inventory)
    _ = state.apply([.applied(Self.service("other", ["10.96.0.9"]))])
    #expect(ClusterInputs(inventory: state.inventory).isSame(as: before, for: named))
    _ = state.apply([.applied(Self.namespace("a")), .synchronized])
    #expect(!ClusterInputs(inventory: state.inventory).isSame(as: before, for: named))
    _ = state.apply([.relisting, Change<Namespace>.synchronized])
    _ = state.apply([.applied(Self.service("squid", ["10.96.0.2"]))])
    #expect(!ClusterInputs(inventory: state.inventory).isSame(as: before, for: named))
  }
}
