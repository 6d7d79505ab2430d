import Foundation
import KubernetesAPI
import TestAPIServer
import Testing

/// What a real API server sent, sent again octet for octet.
@Suite struct ReplayTests {
  private static func recording(_ name: String, isEndless: Bool = false) throws -> Fault {
    let url = try #require(Bundle.module.resourceURL).appending(path: "Fixtures/kubernetes-1.36/\(name)")
    return .answers(
      try RecordedAnswer(
        recording: Array(try Data(contentsOf: url)), contentType: "application/json", isEndless: isEndless))
  }

  @Test(arguments: [
    ("pods.watchlist.txt", ["team-a/api-1", "team-b/api-2"], 1),
    ("pods.watchlist.protobuf.http.bin", ["team-a/api-1"], 1),
  ])
  func aWatchListIsFollowed(name: String, known: [String], deletions: Int) async throws {
    try await TestCluster.with { cluster in
      cluster.server.plan(try Self.recording(name, isEndless: true), for: .watch, of: .pods, times: 1)
      try await cluster.reflectPods { watched in
        try await watched.wait { $0.count(.heard) >= 1 }
        #expect(watched.known.keys.sorted() == known)
        #expect(watched.count(.synchronized) == 1)
        #expect(watched.losses == [])
      }
    }
  }

  @Test func pagesAreFollowedByAWatch() async throws {
    try await TestCluster.with { cluster in
      let server = cluster.server
      server.setWatchListSupport(false)
      server.plan(try Self.recording("pods.page1.json"), for: .list, of: .pods, times: 1)
      server.plan(try Self.recording("pods.page2.json"), for: .list, of: .pods, times: 1)
      try await cluster.reflectPods { watched in
        try await watched.wait { $0.isSynchronized }
        #expect(watched.known.keys.sorted() == ["team-a/api-1", "team-b/api-2"])
        try await watched.wait { _ in cluster.requests(.watch).contains { $0.query["resourceVersion"] == "245" } }
        let pages = cluster.requests(.list)
        #expect(
          pages.last?.query["continue"]
            == "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MjQ1LCJzdGFydCI6Ii90ZWFtLWEvYXBpLTFcdTAwMDAifQ")
      }
    }
  }

  @Test func anExpiredWatchIsListedAnew() async throws {
    try await TestCluster.with { cluster in
      try cluster.apply("api-1", "10.8.1.1")
      cluster.server.plan(try Self.recording("pods.watch.410.txt"), for: .watch, of: .pods, times: 1)
      try await cluster.reflectPods { watched in
        try await watched.wait { $0.isSynchronized }
        #expect(watched.known.count == 1)
        #expect(watched.losses == [])
      }
    }
  }

  @Test(arguments: [
    ("pods.list.401-anon.txt", "token or the client certificate"),
    ("pods.list.401-bad-token.txt", "token or the client certificate"), ("pods.list.403.txt", "ClusterRole"),
    ("crd-not-installed.404.txt", "has no pods"),
  ])
  func aRefusalIsToldWithItsRemedy(name: String, words: String) async throws {
    try await TestCluster.with { cluster in
      cluster.server.plan(try Self.recording(name), of: .pods, times: 1)
      try await cluster.reflectPods { watched in
        try await watched.wait { $0.isSynchronized }
        #expect(watched.losses.count == 1)
        #expect(watched.losses.first?.contains(words) == true)
      }
    }
  }
}
