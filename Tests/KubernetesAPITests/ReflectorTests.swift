import Foundation
import KubernetesAPI
import TestAPIServer
import Testing

/// What a reflector tells while all goes well.
@Suite struct ReflectorTests {
  @Test(arguments: [true, false]) func allObjectsAreToldAndThenTheirChanges(speaksHTTP2: Bool) async throws {
    try await TestCluster.with(speaksHTTP2: speaksHTTP2) { cluster in
      try cluster.apply("api-1", "10.8.1.1")
      try cluster.apply("api-2", "10.8.1.2")
      try await cluster.reflectPods { watched in
        try await watched.wait { $0.isSynchronized }
        #expect(watched.known.mapValues(\.addresses) == ["team-a/api-1": ["10.8.1.1"], "team-a/api-2": ["10.8.1.2"]])

        try cluster.apply("api-3", "10.8.1.3")
        try cluster.apply("api-1", "10.8.1.9")
        cluster.delete("api-2")
        try await watched.wait { $0.known.count == 2 && $0.known["team-a/api-2"] == nil }
        #expect(watched.known.mapValues(\.addresses) == ["team-a/api-1": ["10.8.1.9"], "team-a/api-3": ["10.8.1.3"]])
        #expect(watched.lists == 1)
        #expect(watched.losses == [])
      }
      // One watch told everything, in the smaller encoding.
      #expect(cluster.requests(.list).isEmpty)
      let watch = try #require(cluster.requests(.watch).first)
      #expect(watch.query["sendInitialEvents"] == "true")
      #expect(watch.headers["accept"]?.hasPrefix("application/vnd.kubernetes.protobuf") == true)
      #expect(watch.headers["authorization"] == "Bearer \(TestAPIServer.firstToken)")
    }
  }

  @Test func aServerWithoutInitialEventsIsListedInPages() async throws {
    try await TestCluster.with(pageSize: 2) { cluster in
      cluster.server.setWatchListSupport(false)
      for index in 1...5 { try cluster.apply("api-\(index)", "10.8.1.\(index)") }
      try await cluster.reflectPods { watched in
        try await watched.wait { $0.isSynchronized }
        #expect(watched.known.count == 5)
        try cluster.apply("api-6", "10.8.1.6")
        try await watched.wait { $0.known.count == 6 }
        #expect(watched.lists == 1)
        #expect(watched.losses == [])
      }
      let pages = cluster.requests(.list)
      #expect(pages.count == 3)
      #expect(pages.allSatisfy { $0.query["limit"] == "2" })
    }
  }

  @Test func protobufAndJSONTellTheSame() async throws {
    try await TestCluster.with { cluster in
      let server = cluster.server
      try server.apply(
        .pod(
          namespace: "team-a", name: "api-1", addresses: ["10.8.1.1", "fd00::1"], serviceAccount: "reader",
          phase: "Failed", isOnHostNetwork: true, nodeAddresses: ["10.0.0.9", "fd00:9::9"]))
      try server.apply(
        .service(namespace: "team-a", name: "web", addresses: ["10.96.1.1"], ports: [(80, 8080), (443, 8443)]))
      try server.apply(.service(namespace: "team-a", name: "headless", addresses: [], ports: [(80, 8080)]))
      try server.apply(
        .endpointSlice(
          namespace: "team-a", name: "headless-1", service: "headless", ready: ["10.8.1.1"], notReady: ["10.8.1.2"]))
      try await cluster.compare(.pods, .jsonPods)
      try await cluster.compare(.services, .jsonServices)
      try await cluster.compare(.namespaces, .jsonNamespaces)
      try await cluster.compare(.endpointSlices, .jsonEndpointSlices)
    }
  }

  @Test func aPodHasItsAddressesSinceItsNetworkWasSetUpLast() async throws {
    try await TestCluster.with { cluster in
      let made = "2026-11-23T09:00:00Z"
      let ready =
        #"{"type": "PodReadyToStartContainers", "status": "STATUS", "lastTransitionTime": "2026-11-23T09:00:30Z"}"#
      let other = #"{"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-23T09:00:40Z"}"#
      let started = #""startTime": "2026-11-23T09:00:20Z""#
      let statuses = [
        "made": "{}", "started": "{\(started)}",
        "networked": #"{\#(started), "conditions": [\#(other), \#(ready.replacing("STATUS", with: "True"))]}"#,
        "unplugged": #"{\#(started), "conditions": [\#(other), \#(ready.replacing("STATUS", with: "False"))]}"#,
      ]
      for (name, status) in statuses {
        try cluster.server.apply(
          JSON.pod(namespace: "team-a", name: name, addresses: ["10.8.1.1"], created: made)
            .merged(with: ["status": JSON(status)]))
      }
      try await cluster.reflectPods { watched in
        try await watched.wait { $0.isSynchronized }
        let seconds = watched.known.mapValues { $0.networked - $0.created }
        #expect(
          seconds == ["team-a/made": 0, "team-a/started": 20, "team-a/networked": 30, "team-a/unplugged": 20])
      }
      try await cluster.compare(.pods, .jsonPods)
    }
  }

  @Test func aCustomObjectIsKeptAsItCame() async throws {
    try await TestCluster.with { cluster in
      let spec = #"{"hostnames":["a.example"],"text":"\"}{\\","weight":1.50}"#
      try cluster.server.apply(.custom(.egressRoutes, name: "r1", spec: spec))
      try await cluster.reflect(.egressRoutes, name: \.key.name) { watched in
        try await watched.wait { $0.isSynchronized }
        let object = try #require(watched.known["r1"])
        #expect(object.key == CustomObject.Key(kind: "EgressRoute", name: "r1"))
        #expect(object.json.contains(spec))
        #expect(object.generation == 1)
        #expect(object.created > 0)
        #expect(!object.uid.isEmpty && !object.resourceVersion.isEmpty)
      }
    }
  }

  @Test func oneNamespaceIsWatchedAlone() async throws {
    try await TestCluster.with { cluster in
      try cluster.apply("api-1", "10.8.1.1")
      try cluster.server.apply(.pod(namespace: "team-b", name: "api-2", addresses: ["10.8.2.2"]))
      let watched = Watched<Pod>(name: \.name)
      let reflector = Reflector(cluster.client, .pods, namespace: "team-b", settings: cluster.settings)
      let task = Task { await reflector.run { watched.take($0) } }
      try await watched.wait { $0.isSynchronized }
      #expect(watched.known.keys.sorted() == ["api-2"])
      task.cancel()
      await task.value
    }
  }

  @Test func aBookmarkSaysThatTheServerIsHeardAndWhereToGoOn() async throws {
    try await TestCluster.with { cluster in
      let server = cluster.server
      server.setBookmarkInterval(milliseconds: 600_000)
      try cluster.apply("api-1", "10.8.1.1")
      try await cluster.reflectPods { watched in
        try await watched.wait { $0.isSynchronized }
        let heard = watched.count(.heard)
        // Another resource changes, so that only a bookmark tells pods' watchers of the version.
        try server.apply(.namespace("team-z"))
        try await watched.wait { _ in server.countWatchers(of: .pods) == 1 }
        server.bookmark(.pods)
        try await watched.wait { $0.count(.heard) > heard }
        let revision = server.revision
        await server.dropConnections()
        try await watched.wait { _ in cluster.requests(.watch).count == 2 }
        #expect(cluster.requests(.watch).last?.query["resourceVersion"] == "\(revision)")
        #expect(watched.lists == 1)
      }
    }
  }

  @Test func whoDeliversSlowlyLosesNothing() async throws {
    try await TestCluster.with { cluster in
      for index in 0..<50 { try cluster.apply("api-\(index)", "10.8.1.\(index)") }
      let watched = Watched<Pod>(name: \.name)
      let reflector = Reflector(cluster.client, .pods, settings: cluster.settings)
      let task = Task {
        await reflector.run { changes in
          // A consumer that takes its time.
          try? await Task.sleep(for: .milliseconds(2))
          watched.take(changes)
        }
      }
      for round in 1...20 {
        for index in 0..<50 { try cluster.apply("api-\(index)", "10.8.\(round).\(index)") }
      }
      try await watched.wait {
        $0.known.count == 50 && $0.known.values.allSatisfy { $0.addresses.first?.hasPrefix("10.8.20.") == true }
      }
      task.cancel()
      await task.value
    }
  }
}

extension TestCluster {
  /// Looks whether two encodings of a resource tell the same objects.
  fileprivate func compare<Object: Hashable>(_ protobuf: Resource<Object>, _ json: Resource<Object>) async throws {
    var known: [Set<Object>] = []
    for resource in [protobuf, json] {
      try await reflect(resource, name: { "\($0)" }) { watched in
        try await watched.wait { $0.isSynchronized }
        known.append(Set(watched.known.values))
      }
    }
    #expect(!known[0].isEmpty)
    #expect(known[0] == known[1])
  }
}
