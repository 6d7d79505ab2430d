import Glibc
import TestSupport
import Testing

/// Pods, policy and routes of a cluster, and real Squids that let through what the same snapshot answers.
@Suite(.serialized) struct LiveProxyTests {
  @Test func `who may connect changes with the cluster's policy and pods, as what they are answered does`()
    async throws
  {
    try await Self.serving { cluster, steer, listener in
      func isLetThrough(_ source: String) throws -> Bool {
        let isAnswered = try steer.addresses(of: "microsoft", from: source) == ["10.96.7.10"]
        let tunnel = try? listener.tunnel(from: source, to: "microsoft.com:443")
        #expect(try tunnel?.echoes("through") ?? true)
        // Between two looks the cluster may have changed; what a test waits for has both.
        return isAnswered && tunnel != nil
      }
      #expect(try isLetThrough("127.0.0.11"))
      #expect(listener.refusal(from: "127.0.0.12", to: "microsoft.com:443") == "noRule")
      #expect(listener.refusal(from: "127.0.0.11", to: "example.com:443") == "destination")

      try cluster.apply(policy: "team-b", routes: ["microsoft"])
      try await eventually("team-b is let through") { try isLetThrough("127.0.0.12") }

      cluster.api.delete(.pods, namespace: "team-a", name: "api-1")
      try await eventually("an address without a pod is refused") {
        listener.refusal(from: "127.0.0.11", to: "microsoft.com:443") == "noRule"
      }
      #expect(try steer.ask("microsoft.intra.aibang.local").rcode == 3)
      try cluster.apply(pod: "api-2", in: "team-b", at: "127.0.0.11")
      try await eventually("its next pod is let through by its own policy") { try isLetThrough("127.0.0.11") }

      await cluster.api.stop()
      try await eventually("the server says that it is stale") { try await steer.told("/readyz").contains("stale") }
      #expect(try isLetThrough("127.0.0.12"))
    }
  }

  @Test
  func `a route that is applied has its listener before it is answered, and one that cannot have one stops no other`()
    async throws
  {
    try await Self.serving { cluster, steer, listener in
      let taken = try LoopbackSocket()
      try taken.listen()
      let before = try listener.tunnel(from: "127.0.0.11", to: "microsoft.com:443")
      // Another program has its port, and then the server itself.
      for port in [taken.port, try steer.endpoint.port] {
        try cluster.apply(service: "github", address: "10.96.7.20", target: Int(port))
        try cluster.apply(route: "github", port: Int(port), parent: 9)
        try await eventually("it is held back") {
          try await steer.told("/readyz").contains("another program listens on port \(port)")
        }
        #expect(try await steer.told("/readyz").contains("\"ready\":true"))
        let isAllowed = port == taken.port
        try cluster.apply(policy: "team-b", routes: ["microsoft"], action: isAllowed ? "Allow" : "Deny")
        try await eventually("what else changes takes effect") {
          listener.answer(from: "127.0.0.12", to: "microsoft.com:443").isEmpty == isAllowed
        }
      }
      #expect(try listener.tunnel(from: "127.0.0.11", to: "microsoft.com:443").echoes("as before"))
      let port = try #require(try FreePorts.take(1).first)
      let parent = try EchoParent()
      try cluster.apply(policy: "team-a", routes: ["microsoft", "github"])
      try cluster.apply(service: "github", address: "10.96.7.21", target: Int(port))
      try cluster.apply(route: "github", port: Int(port), parent: parent.port)
      try await eventually("the route is answered") {
        try steer.addresses(of: "github", from: "127.0.0.11") == ["10.96.7.21"]
      }
      let github = SquidListener(port: port)
      #expect(try github.tunnel(from: "127.0.0.11", to: "github.com:443").echoes("at once"))
      #expect(github.refusal(from: "127.0.0.12", to: "github.com:443") == "noRule")
      #expect(try before.echoes("still open"))
    }
  }

  @Test func `a server starts with a route whose port another program has, and serves the others`() async throws {
    let taken = try LoopbackSocket()
    try taken.listen()
    try await Self.serving(portOfGithub: taken.port) { cluster, steer, listener in
      #expect(try listener.tunnel(from: "127.0.0.11", to: "microsoft.com:443").echoes("through"))
      try cluster.apply(policy: "team-a", routes: ["microsoft", "github"])
      try await eventually("what else changes is served") {
        try await steer.told("/metrics").contains("steer_policy_held_objects 1")
          && steer.ask("github.intra.aibang.local").rcode == 3
      }
    }
  }

  /// Runs a server that reads a cluster and runs Squids; the listener is that of the route microsoft.
  private static func serving(
    portOfGithub: UInt16? = nil, _ body: (TestCluster, SteerProcess, SquidListener) async throws -> Void
  ) async throws {
    try await TestCluster.running { cluster in
      let parent = try EchoParent()
      var ports = try FreePorts.take(2)
      ports[1] = portOfGithub ?? ports[1]
      for (name, port, address) in [("microsoft", ports[0], "10.96.7.10"), ("github", ports[1], "10.96.7.20")] {
        try cluster.apply(service: name, address: address, target: Int(port))
        try cluster.apply(route: name, port: Int(port), parent: parent.port)
      }
      try await SquidPlace.with { place in
        try await cluster.serving(environment: place.environment, binary: place.binary) { steer in
          try await body(cluster, steer, SquidListener(port: ports[0]))
          steer.child.send(SIGTERM)
          _ = try await steer.child.status()
        }
      }
    }
  }
}
