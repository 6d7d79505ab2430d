import Foundation
import KubernetesAPI
import TestAPIServer
import Testing

@Suite struct SendTests {
  private static let leases = "/apis/coordination.k8s.io/v1/namespaces/intra-proxy/leases"
  private static let lease = Array(
    """
    {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"steer","namespace":"intra-proxy"},
    "spec":{"holderIdentity":"a"}}
    """.utf8)

  @Test func anObjectIsMadeOnceAndTheAnswerIsWhole() async throws {
    try await TestCluster.with { cluster in
      let client = cluster.client
      let made = try await client.send(.post, Self.leases, body: Self.lease)
      #expect(made.status == 201)
      #expect(String(decoding: made.body, as: UTF8.self).contains(#""holderIdentity""#))
      let again = try await client.send(.post, Self.leases, body: Self.lease)
      #expect(again.status == 409)
      #expect(String(decoding: again.body, as: UTF8.self).contains("AlreadyExists"))
      let request = try #require(cluster.requests(.create, .leases).first)
      #expect(request.headers["content-type"] == "application/json")
      #expect(request.body == Self.lease)
    }
  }

  @Test func aQueryIsEncoded() async throws {
    try await TestCluster.with { cluster in
      _ = try await cluster.client.send(.get, Self.leases, query: [(name: "fieldSelector", value: "a=b&c d/é+")])
      #expect(cluster.server.requests.last?.query["fieldSelector"] == "a=b&c d/é+")
    }
  }

  @Test func theServersWishToWaitIsHandedOn() async throws {
    try await TestCluster.with { cluster in
      cluster.server.plan(.tooManyRequests(retryAfter: 3))
      let answer = try await cluster.client.send(.get, Self.leases)
      #expect(answer.status == 429)
      #expect(answer.retryAfter == .seconds(3))
    }
  }

  @Test func withoutAnAnswerThereIsAnError() async throws {
    var settings = KubernetesClient.Settings()
    settings.requestTimeout = .milliseconds(300)
    settings.answerSize = 2000
    try await TestCluster.with(client: settings) { cluster in
      let client = cluster.client
      cluster.server.plan(.staysSilent, times: 1)
      await #expect(throws: KubernetesError.self) { try await client.send(.get, Self.leases) }
      let large = RecordedAnswer(
        headers: [("content-type", "application/json")], body: Array(repeating: 32, count: 3000))
      cluster.server.plan(.answers(large), times: 1)
      await #expect(throws: KubernetesError.self) { try await client.send(.get, Self.leases) }
      // The connection that was silent is not used again.
      let answer = try await client.send(.get, Self.leases)
      #expect(answer.status == 200)
      await cluster.server.stop()
      await #expect(throws: KubernetesError.self) { try await client.send(.get, Self.leases) }
    }
  }

  @Test func aRedirectIsNotFollowed() async throws {
    try await TestCluster.with { cluster in
      let moved = RecordedAnswer(status: 302, headers: [("location", cluster.server.url + "/api/v1/pods")], body: [])
      cluster.server.plan(.answers(moved), times: 1)
      let answer = try await cluster.client.send(.get, Self.leases)
      #expect(answer.status == 302)
      #expect(cluster.server.requests.count == 1)
    }
  }
}
