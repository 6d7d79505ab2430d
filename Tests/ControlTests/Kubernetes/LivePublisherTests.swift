import DNSWire
import Foundation
import KubernetesAPI
import Logging
import Steering
import SteeringPolicy
import Synchronization
import Testing

@testable import Control

/// Pods that come while a policy is made ready.
@Suite struct LivePublisherTests {
  /// A sink that remembers what it served, and makes a generation ready only when it is told to.
  private final class GatedSink: SnapshotSink {
    let published = Mutex<[Snapshot]>([])
    /// Says that a generation waits to be ready.
    let waits = AsyncStream.makeStream(of: Void.self)
    /// Lets it be ready.
    let gate = AsyncStream.makeStream(of: Void.self)

    func prepare(_ snapshot: Snapshot) async {
      waits.continuation.yield()
      for await _ in gate.stream { break }
    }

    func publish(_ snapshot: Snapshot) async {
      // Gives others a chance to come between.
      await Task.yield()
      published.withLock { $0.append(snapshot) }
    }

    var last: Snapshot? { published.withLock { $0.last } }
  }

  /// A sink that cannot serve some routes.
  private final class PickySink: SnapshotSink {
    let unservable: Mutex<Set<String>>
    let served = Mutex<[Set<String>]>([])

    /// The port that they cannot be served on; nil for any.
    let port: UInt16?

    init(_ unservable: Set<String>, onPort port: UInt16? = nil) {
      self.unservable = Mutex(unservable)
      self.port = port
    }

    func prepare(_ snapshot: Snapshot) async throws {
      let routes = unservable.withLock { $0 }.intersection(
        snapshot.routes.filter { port == nil || $0.listenerPort == port }.map(\.name))
      if !routes.isEmpty {
        throw UnservableRoutes(Dictionary(uniqueKeysWithValues: routes.map { ($0, "its port is taken") }))
      }
    }

    func publish(_ snapshot: Snapshot) async { served.withLock { $0.append(Set(snapshot.routes.map(\.name))) } }

    var last: Set<String>? { served.withLock { $0.last } }
  }

  private static let quiet: Logger = {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
  }()

  private static func inputs(ttl: Int) -> ClusterInputs {
    let spec = #"{"zone": "a.example", "nameservers": ["ns.a.example"], "ttl": "\#(ttl)s"}"#
    let zone = CustomObject(
      key: .init(kind: "SteeringZone", name: "a"), uid: "1", resourceVersion: "\(ttl)", generation: Int64(ttl),
      created: 0,
      json: """
        {"apiVersion": "egress.aibang.com/v1alpha1", "kind": "SteeringZone", "metadata": {"name": "a"}, "spec": \(spec)}
        """)
    return ClusterInputs(inventory: ClusterInventory(), objects: [zone])
  }

  private static func pod(_ number: Int) -> Change<Pod> {
    .applied(
      Pod(
        namespace: "a", name: "pod-\(number)", uid: "\(number)", addresses: ["10.0.\(number / 250).\(number % 250)"]))
  }

  @Test func `pods are published while a generation is made ready, which is then served with the newest`()
    async throws
  {
    let pods = LivePods(freshness: Freshness([.pods]))
    await pods.apply([.relisting, Self.pod(1), .synchronized])
    let publisher = try await Publisher(
      paths: [], cluster: Self.inputs(ttl: 10), livePods: pods, serials: SerialStore(folder: nil),
      logger: Self.quiet)
    let first = await publisher.current
    #expect(first.pods.count == 1 && first.podsAreSynchronized)
    let sink = GatedSink()
    await publisher.add(sink)
    let change = Task { await publisher.replace(cluster: Self.inputs(ttl: 20)) }
    for await _ in sink.waits.stream { break }
    await pods.apply([Self.pod(2)])
    await publisher.refreshPods()
    #expect(sink.last?.generation == first.generation && sink.last?.pods.count == 2)
    await pods.apply([Self.pod(3)])
    sink.gate.continuation.yield()
    await change.value
    let last = try #require(sink.last)
    #expect(last.generation != first.generation && last.pods.count == 3)
    #expect(await publisher.current === last)
  }

  @Test func `however pods and policies change at one time, no sink goes back`() async throws {
    let pods = LivePods(freshness: Freshness([.pods]))
    await pods.apply([.relisting, .synchronized])
    let publisher = try await Publisher(
      paths: [], cluster: Self.inputs(ttl: 10), livePods: pods, serials: SerialStore(folder: nil),
      logger: Self.quiet)
    let sinks = [GatedSink(), GatedSink()]
    for sink in sinks {
      sink.gate.continuation.finish()
      await publisher.add(sink)
    }
    await withTaskGroup { group in
      group.addTask {
        for ttl in 11...30 { await publisher.replace(cluster: Self.inputs(ttl: ttl)) }
      }
      group.addTask {
        for number in 1...200 {
          await pods.apply([Self.pod(number)])
          await publisher.refreshPods()
        }
      }
    }
    let current = await publisher.current
    #expect(current.pods.count == 200)
    for sink in sinks {
      let published = sink.published.withLock { $0 }
      #expect(published.last === current)
      for (before, after) in zip(published, published.dropFirst()) {
        #expect(before.pods.count <= after.pods.count)
        #expect(!SerialNumber.isAfter(before.generation.serial, after.generation.serial))
      }
    }
  }

  @Test func `a route that cannot be served stops no other, and is told why, and revocations take effect`()
    async throws
  {
    var cluster = TestCluster.withOneRoute()
    let publisher = try await Publisher(
      paths: [], cluster: cluster.told, serials: SerialStore(folder: nil), logger: Self.quiet)
    let sink = PickySink(["two"])
    try await publisher.start(sink)
    #expect(sink.last == ["one"])
    cluster.applyRoute("two", "two.steer.test", 2)
    cluster.applyRoute("three", "three.steer.test", 3)
    cluster.applyPolicy("team-a", team: "a", "three")
    await publisher.replace(cluster: cluster.told)
    #expect(sink.last == ["one", "three"])
    var outcome = try #require(await publisher.outcomes().first { _ in true })
    #expect(outcome.failure == nil)
    for status in outcome.statuses where status.key.kind == "EgressRoute" {
      #expect(status.isAccepted == (status.key.name != "two"))
      #expect(status.servedGeneration == (status.key.name == "two" ? nil : 1))
      #expect(status.diagnostics.map(\.code) == (status.key.name == "two" ? [.unservableRoute] : []))
    }
    let answer = try await publisher.current.explain(
      DomainName("one.steer.test"), .a, for: .namespace("team-a", serviceAccount: nil))
    #expect(answer?.answer?.rcode == "NXDOMAIN", "the policy that took it away counts")

    // Its next version can be served.
    sink.unservable.withLock { $0 = [] }
    cluster.applyRoute("two", "two.steer.test", 4)
    await publisher.replace(cluster: cluster.told)
    #expect(sink.last == ["one", "two", "three"])
    // A version that cannot be served goes back to that which was.
    sink.unservable.withLock { $0 = ["four"] }
    outcome = try #require(await publisher.outcomes().first { _ in true })
    #expect(outcome.statuses.allSatisfy { $0.isAccepted && $0.servedGeneration == $0.generation })
  }

  @Test func `a start goes back to the version that the others serve of a route that cannot be served`() async throws
  {
    var cluster = TestCluster.withOneRoute()
    let before = try #require(cluster.objects[.init(kind: "EgressRoute", name: "one")])
    cluster.applyRoute("one", "one.steer.test", 3)
    cluster.applyRoute("two", "two.steer.test", 2)
    // This server had accepted the version before.
    let kept = AcceptedInputs(files: [], objects: [before], inventory: cluster.inventory)
    let publisher = try await Publisher(
      paths: [], cluster: cluster.told, kept: kept, serials: SerialStore(folder: nil), logger: Self.quiet)
    let sink = PickySink(["one"], onPort: 13003)
    try await publisher.start(sink)
    #expect(sink.last == ["one", "two"])
    let route = await publisher.current.routes.first { $0.name == "one" }
    #expect(route?.listenerPort == 13001)
  }

  @Test func `a server that was restored looks at what the others accepted meanwhile`() async throws {
    var cluster = TestCluster.withOneRoute()
    let kept = cluster.accepted
    let publisher = try await Publisher(
      paths: [], cluster: cluster.told, kept: kept, isRestored: true, serials: SerialStore(folder: nil),
      logger: Self.quiet)
    // Made, served by the others, and then changed for the worse, which the leader has told.
    cluster.applyPolicy("closed", team: "a", "one", "Deny", priority: 50)
    let closed = try #require(cluster.objects[.init(kind: "EgressPolicy", name: "closed")])
    let bad = try #require(closed.version(2, spec: "{}"))
    var status = ObjectStatus(
      key: closed.key, uid: closed.uid, generation: 2, servedGeneration: 1, isAccepted: false,
      hasResolvedReferences: true)
    status.servedSpec = closed.spec
    let text = String(decoding: try JSONEncoder().encode(PublishedStatus(status)), as: UTF8.self)
    var told = bad
    told.json = bad.json.dropLast() + #","status":\#(text)}"#
    let objects = cluster.objects.values.map { $0.key == told.key ? told : $0 }
    await publisher.replace(cluster: ClusterInputs(inventory: cluster.inventory, objects: objects))
    let explanation = try await publisher.current.explain(
      DomainName("one.steer.test"), .a, for: .namespace("team-a", serviceAccount: nil))
    #expect(explanation?.answer?.rcode == "NXDOMAIN")
  }

  @Test func `a start serves what it can, and fails where nothing of a cluster is at fault`() async throws {
    var cluster = TestCluster.withOneRoute()
    cluster.applyRoute("two", "two.steer.test", 2)
    let publisher = try await Publisher(
      paths: [], cluster: cluster.told, serials: SerialStore(folder: nil), logger: Self.quiet)
    let sink = PickySink(["one"])
    try await publisher.start(sink)
    #expect(sink.last == ["two"])
    await #expect(throws: UnservableRoutes.self) { try await publisher.start(FailingSink()) }
  }

  /// Says of a route that is not there that it cannot be served.
  private struct FailingSink: SnapshotSink {
    func prepare(_ snapshot: Snapshot) async throws { throw UnservableRoutes(["nobody's": "its port is taken"]) }
    func publish(_ snapshot: Snapshot) async {}
  }

  /// Of what a policy does not name yet, changes do not matter; the policy that is being loaded may name it.
  @Test(arguments: 0..<8) func `what a cluster tells while it is loaded is served`(round: Int) async throws {
    var cluster = TestCluster()
    cluster.applyZone()
    let publisher = try await Publisher(
      paths: [], cluster: cluster.told, serials: SerialStore(folder: nil), logger: Self.quiet)
    cluster.applyRoute("one", "one.steer.test", 1)
    cluster.applyPolicy("team-a", team: "a", "one")
    // So many that loading takes a while.
    for number in 0..<100 { cluster.applyPolicy("p-\(number)", team: "c", "one", priority: 200 + number) }
    let load = Task.immediate { [told = cluster.told] in await publisher.replace(cluster: told) }
    // The actor takes turns; after some the load is under way.
    for _ in 0..<(2 + round) { _ = await publisher.current }
    cluster.inventory?.services[TestCluster.service(1)] = TestCluster.clusterIP("10.96.1.1", targetPort: 13001)
    await publisher.replace(cluster: cluster.told)
    await load.value
    let explanation = try await publisher.current.explain(
      DomainName("one.steer.test"), .a, for: .namespace("team-a", serviceAccount: nil))
    #expect(explanation?.answer?.addresses == ["10.96.1.1"])
  }
}

extension TestCluster {
  /// What is told of it.
  fileprivate var told: ClusterInputs { ClusterInputs(inventory: inventory, objects: Array(objects.values)) }
}
