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

  /// A state that objects are told to; says each time whether anything is another.
  private final class Cluster {
    private(set) var state: ClusterState

    init(readsPolicy: Bool) { state = ClusterState(readsPolicy: readsPolicy, readsInventory: !readsPolicy) }

    @discardableResult func tell(_ changes: [Change<Service>]) -> Bool { state.apply(changes) }
    @discardableResult func tell(_ changes: [Change<Namespace>]) -> Bool { state.apply(changes) }
    @discardableResult func tell(_ changes: [Change<EndpointSlice>]) -> Bool { state.apply(changes) }
    @discardableResult func tell(_ changes: [Change<CustomObject>]) -> Bool {
      state.apply(changes, of: "EgressRoute")
    }
  }

  @Test func `while objects are told anew the others stay, and go at the end`() {
    let cluster = Cluster(readsPolicy: false)
    #expect(cluster.tell([.relisting, .applied(Self.namespace("a")), .applied(Self.namespace("b")), .synchronized]))
    #expect(cluster.state.inventory?.namespaces.keys.sorted() == ["a", "b"])
    #expect(!cluster.tell([.relisting, .applied(Self.namespace("b"))]), "nothing is another yet")
    #expect(cluster.state.inventory?.namespaces.keys.sorted() == ["a", "b"])
    #expect(cluster.tell([Change<Namespace>.synchronized]))
    #expect(cluster.state.inventory?.namespaces.keys.sorted() == ["b"])
    #expect(cluster.state.count(of: .namespaces) == 1)
  }

  @Test func `what is told again as it was changes nothing`() {
    let cluster = Cluster(readsPolicy: false)
    cluster.tell([.relisting, .applied(Self.namespace("a", ["team": "a"])), .synchronized])
    #expect(!cluster.tell([.applied(Self.namespace("a", ["team": "a"])), .heard, .lost("away")]))
    #expect(!cluster.tell([.relisting, .applied(Self.namespace("a", ["team": "a"])), .synchronized]))
    #expect(cluster.tell([.applied(Self.namespace("a", ["team": "b"]))]))
  }

  @Test func `the end of an object that was made again since is not the end of the new one`() {
    let cluster = Cluster(readsPolicy: false)
    cluster.tell([.applied(Self.service("squid", ["10.96.0.1"], uid: "old")), .synchronized])
    cluster.tell([.applied(Self.service("squid", ["10.96.0.2"], uid: "new"))])
    #expect(!cluster.tell([.deleted(Self.service("squid", ["10.96.0.1"], uid: "old"))]))
    #expect(cluster.state.inventory?.services.values.first?.addresses.map(\.description) == ["10.96.0.2"])
    #expect(cluster.tell([.deleted(Self.service("squid", ["10.96.0.2"], uid: "new"))]))
    #expect(cluster.state.inventory?.services.isEmpty == true)
  }

  @Test func `a headless Service has the ready endpoints of all its slices, and others have none`() {
    let name = NamespacedName(namespace: "proxies", name: "headless")
    let cluster = Cluster(readsPolicy: false)
    cluster.tell([
      .applied(Self.service("headless", ["None"])), .applied(Self.service("squid", ["10.96.0.1"])), .synchronized,
    ])
    cluster.tell([
      .applied(Self.slice("headless-1", of: "headless", ["10.8.0.2": true, "10.8.0.3": false])),
      .applied(Self.slice("headless-2", of: "headless", ["10.8.0.1": true])),
      .applied(Self.slice("squid-1", of: "squid", ["10.8.0.9": true])), .synchronized,
    ])
    let addresses = [IPAddress("10.8.0.1"), IPAddress("10.8.0.2")].compactMap(\.self)
    #expect(cluster.state.inventory?.endpoints == [name: addresses])
    #expect(cluster.state.inventory?.services[name]?.isHeadless == true)
    #expect(cluster.tell([.deleted(Self.slice("headless-2", of: "headless", [:]))]))
    #expect(cluster.state.inventory?.endpoints[name] == Array(addresses.suffix(1)))
  }

  @Test func `endpoints are another only where their Service is headless`() {
    let cluster = Cluster(readsPolicy: false)
    cluster.tell([
      .applied(Self.service("headless", ["None"])), .applied(Self.service("squid", ["10.96.0.1"])), .synchronized,
    ])
    #expect(cluster.tell([Change<EndpointSlice>.synchronized]), "everything is told now")
    func tell(_ name: String, of service: String, _ addresses: [String: Bool]) -> Bool {
      cluster.tell([.applied(Self.slice(name, of: service, addresses))])
    }
    #expect(!tell("squid-1", of: "squid", ["10.8.0.9": true]))
    #expect(!tell("squid-1", of: "squid", ["10.8.0.9": false]))
    #expect(!tell("other-1", of: "unknown", ["10.8.0.9": true]))
    #expect(tell("headless-1", of: "headless", ["10.8.0.1": true]))
    #expect(!tell("headless-1", of: "headless", ["10.8.0.1": true]))
    #expect(tell("headless-1", of: "headless", ["10.8.0.1": false]))
    #expect(tell("headless-1", of: "squid", ["10.8.0.1": true]), "the headless Service has lost it")
    #expect(tell("headless-1", of: "headless", ["10.8.0.1": true]), "and has it again")
    #expect(!cluster.tell([.deleted(Self.slice("squid-1", of: "squid", [:]))]))
    #expect(!cluster.tell([.relisting, .applied(Self.slice("headless-1", of: "headless", ["10.8.0.1": true]))]))
    #expect(!cluster.tell([Change<EndpointSlice>.synchronized]), "only a slice of an unknown Service is gone")
    #expect(cluster.tell([.relisting, Change<EndpointSlice>.synchronized]))
    #expect(cluster.state.inventory?.endpoints == [:])
  }

  @Test func `a Service that comes after its endpoints, or becomes headless, has them`() {
    let name = NamespacedName(namespace: "proxies", name: "squid")
    let addresses = [IPAddress("10.8.0.1")].compactMap(\.self)
    let cluster = Cluster(readsPolicy: false)
    #expect(!cluster.tell([.applied(Self.slice("squid-1", of: "squid", ["10.8.0.1": true]))]))
    #expect(cluster.tell([.applied(Self.service("squid", ["None"]))]))
    #expect(cluster.state.inventory?.endpoints == [name: addresses])
    #expect(cluster.tell([.applied(Self.service("squid", ["10.96.0.1"]))]))
    #expect(cluster.state.inventory?.endpoints == [:])
    #expect(!cluster.tell([.applied(Self.slice("squid-2", of: "squid", ["10.8.0.2": true]))]))
    #expect(cluster.tell([.applied(Self.service("squid", ["None"]))]))
    #expect(cluster.state.inventory?.endpoints[name]?.count == 2)
  }

  @Test func `an object of the policy is another when its specification is, and not when its status is`() {
    let cluster = Cluster(readsPolicy: true)
    #expect(cluster.tell([.applied(Self.route("a", generation: 1)), .synchronized]))
    var told = Self.route("a", generation: 1)
    told.json = #"{"status": {}}"#
    #expect(!cluster.tell([.applied(told)]))
    #expect(cluster.state.policyObjects?.map(\.json) == [told.json], "its status is known all the same")
    #expect(cluster.tell([.applied(Self.route("a", generation: 2))]))
    #expect(cluster.tell([.applied(Self.route("a", generation: 2, uid: "2"))]))
    #expect(cluster.state.inventory == nil)
  }

  @Test func `only what a policy names makes inputs different`() {
    let named: Set = [NamespacedName(namespace: "proxies", name: "squid")]
    let cluster = Cluster(readsPolicy: false)
    cluster.tell([.applied(Self.service("squid", ["10.96.0.1"])), .synchronized])
    let before = ClusterInputs(inventory: cluster.state.inventory)
    cluster.tell([.applied(Self.service("other", ["10.96.0.9"]))])
    #expect(ClusterInputs(inventory: cluster.state.inventory).isSame(as: before, for: named))
    cluster.tell([.applied(Self.namespace("a")), .synchronized])
    #expect(!ClusterInputs(inventory: cluster.state.inventory).isSame(as: before, for: named))
    cluster.tell([.relisting, Change<Namespace>.synchronized])
    cluster.tell([.applied(Self.service("squid", ["10.96.0.2"]))])
    #expect(!ClusterInputs(inventory: cluster.state.inventory).isSame(as: before, for: named))
  }
}
