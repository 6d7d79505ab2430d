import Foundation
import KubernetesAPI
import Synchronization
import TestAPIServer
import TestSupport
import Testing

/// What a reflector tells when something goes wrong: never less than is so.
@Suite struct ReflectorFaultTests {
  /// What befalls a watch that goes on, and is got over without a list.
  @Test(arguments: [
    Fault.drops(afterOctets: 0), .drops(afterOctets: 700), .sends(octetsAtOnce: 7, everyMilliseconds: 0),
    .tellsTwice, .tellsInWrongOrder, .internalError, .staysSilent, .tellsNothing,
    .refuses(503, reason: "ServiceUnavailable", message: "etcd is away"),
  ])
  func aWatchThatGoesOnComesToTheSameState(fault: Fault) async throws {
    var settings = KubernetesClient.Settings()
    settings.silence = .seconds(1)
    settings.requestTimeout = .seconds(1)
    try await TestCluster.with(client: settings) { cluster in
      let server = cluster.server
      server.setBookmarkInterval(milliseconds: 100)
      try cluster.apply("api-1", "10.8.1.1")
      try cluster.apply("api-2", "10.8.1.2")
      try await cluster.reflectPods { watched in
        try await watched.wait { $0.isSynchronized }
        server.plan(fault, for: .watch, of: .pods, times: 1)
        await server.dropConnections()
        for round in 1...9 {
          try cluster.apply("api-1", "10.8.1.\(round)0")
          try cluster.apply("api-3", "10.8.3.\(round)")
        }
        cluster.delete("api-2")
        // An even number of events, all of which come in the wrong order too.
        try cluster.apply("api-1", "10.8.1.100")
        try await watched.wait {
          $0.known.mapValues(\.addresses) == ["team-a/api-1": ["10.8.1.100"], "team-a/api-3": ["10.8.3.9"]]
        }
        #expect(watched.lists == 1)
      }
    }
  }

  /// What befalls the first request, and is got over.
  @Test(arguments: [
    Fault.drops(afterOctets: 0), .drops(afterOctets: 300), .sends(octetsAtOnce: 5, everyMilliseconds: 0),
    .tellsTwice, .tellsInWrongOrder, .internalError, .staysSilent, .tellsNothing, .isExpired,
    .tooManyRequests(retryAfter: 0),
    .answers(RecordedAnswer(headers: [("content-type", "text/html")], body: Array("<html>".utf8))),
    .answers(RecordedAnswer(headers: [("content-type", "application/json")], body: Array("{\n".utf8))),
    .answers(
      RecordedAnswer(
        headers: [("content-type", "application/vnd.kubernetes.protobuf;stream=watch")], body: [0, 0, 0, 2, 9, 9])),
  ])
  func aBeginningIsMadeAnewUntilItIsComplete(fault: Fault) async throws {
    var settings = KubernetesClient.Settings()
    settings.silence = .seconds(1)
    settings.requestTimeout = .seconds(1)
    try await TestCluster.with(client: settings) { cluster in
      for index in 1...6 { try cluster.apply("api-\(index)", "10.8.1.\(index)") }
      cluster.server.plan(fault, of: .pods, times: 2)
      try await cluster.reflectPods { watched in
        try await watched.wait { $0.isSynchronized }
        #expect(watched.known.count == 6)
        #expect(watched.fewest == 6)
      }
    }
  }

  @Test func anExpiredVersionIsRelistedWithoutDroppingAnything() async throws {
    try await TestCluster.with { cluster in
      let server = cluster.server
      for index in 1...5 { try cluster.apply("api-\(index)", "10.8.1.\(index)") }
      try await cluster.reflectPods { watched in
        try await watched.wait { $0.isSynchronized }
        await server.stop()
        try await watched.wait { !$0.losses.isEmpty }
        cluster.delete("api-5")
        try cluster.apply("api-6", "10.8.1.6")
        server.forgetPast()
        try await server.restart()
        try await watched.wait { $0.count(.synchronized) == 2 }
        #expect(watched.lists == 2)
        #expect(watched.known.keys.sorted() == [1, 2, 3, 4, 6].map { "team-a/api-\($0)" })
        #expect(watched.fewest == 5)
      }
    }
  }

  @Test func anExpiredVersionInTheStreamIsRelistedToo() async throws {
    try await TestCluster.with { cluster in
      let server = cluster.server
      for index in 1...5 { try cluster.apply("api-\(index)", "10.8.1.\(index)") }
      try await cluster.reflectPods { watched in
        try await watched.wait { $0.isSynchronized }
        server.forgetPast(endsWatches: true)
        try await watched.wait { $0.count(.synchronized) == 2 }
        #expect(watched.known.count == 5)
        #expect(watched.fewest == 5)
        #expect(watched.losses == [])
      }
    }
  }

  @Test func aListWhoseContinueIsExpiredBeginsAnew() async throws {
    try await TestCluster.with(pageSize: 2) { cluster in
      let server = cluster.server
      server.setWatchListSupport(false)
      for index in 1...5 { try cluster.apply("api-\(index)", "10.8.1.\(index)") }
      let forget = Once { server.forgetPast() }
      try await cluster.reflectPods(each: { changes in
        if changes.contains(.relisting) { forget.run() }
      }) { watched in
        try await watched.wait { $0.isSynchronized }
        #expect(watched.lists == 2)
        #expect(watched.known.count == 5)
      }
    }
  }

  @Test func aFaultyPageIsAskedAgainAndNotTheWholeList() async throws {
    try await TestCluster.with(pageSize: 2) { cluster in
      let server = cluster.server
      server.setWatchListSupport(false)
      for index in 1...5 { try cluster.apply("api-\(index)", "10.8.1.\(index)") }
      let fail = Once { server.plan(.internalError, for: .list, of: .pods, times: 2) }
      try await cluster.reflectPods(each: { changes in
        if changes.contains(.relisting) { fail.run() }
      }) { watched in
        try await watched.wait { $0.isSynchronized }
        #expect(watched.lists == 1)
        #expect(watched.known.count == 5)
        #expect(watched.losses.count == 2)
        #expect(watched.losses.allSatisfy { $0.contains("500") })
      }
    }
  }

  @Test func whatIsKnownStaysWhileTheServerIsAway() async throws {
    try await TestCluster.with { cluster in
      try cluster.apply("api-1", "10.8.1.1")
      try await cluster.reflectPods { watched in
        try await watched.wait { $0.isSynchronized }
        await cluster.server.stop()
        try await watched.wait { $0.losses.count >= 3 }
        #expect(watched.known.count == 1)
        try cluster.apply("api-2", "10.8.1.2")
        try await cluster.server.restart()
        try await watched.wait { $0.known.count == 2 }
        #expect(watched.lists == 1)
      }
    }
  }

  @Test func aRotatedTokenIsRead() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("steer-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await TestCluster.with(access: { server in
      try server.writeServiceAccount(to: folder)
      return try ClusterAccess.inCluster(
        environment: ["KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": "\(server.port)"],
        folder: folder.path)
    }) { cluster in
      let server = cluster.server
      #expect(cluster.client.access.namespace == "intra-proxy")
      try cluster.apply("api-1", "10.8.1.1")
      try await cluster.reflectPods { watched in
        try await watched.wait { $0.isSynchronized }
        server.accept(token: "token-2", refusingOthers: true)
        await server.dropConnections()
        try await watched.wait { $0.losses.contains { $0.contains("token") } }
        try server.writeServiceAccount(to: folder, token: "token-2")
        try cluster.apply("api-2", "10.8.1.2")
        try await watched.wait { $0.known.count == 2 }
        #expect(watched.lists == 1)
      }
    }
  }

  @Test func aMissingRightIsNamed() async throws {
    try await TestCluster.with { cluster in
      cluster.server.forbid(.watch, .pods)
      cluster.server.forbid(.list, .pods)
      try await cluster.reflectPods { watched in
        try await watched.wait { !$0.losses.isEmpty }
        let words = try #require(watched.losses.first)
        #expect(words.contains("list and watch of pods in the core API group"))
        #expect(!watched.isSynchronized)
        cluster.server.forbid(.watch, .pods, false)
        cluster.server.forbid(.list, .pods, false)
        try await watched.wait { $0.isSynchronized }
      }
    }
  }

  @Test func aResourceThatIsNotDefinedIsEmptyUntilItIs() async throws {
    try await TestCluster.with { cluster in
      let server = cluster.server
      server.setPresence(of: .egressRoutes, false)
      try await cluster.reflect(.egressRoutes, name: \.key.name) { watched in
        try await watched.wait { $0.isSynchronized && $0.count(.heard) >= 2 }
        #expect(watched.known.isEmpty)
        #expect(watched.losses == [])
        #expect(watched.lists == 1)

        server.setPresence(of: .egressRoutes, true)
        try server.apply(.custom(.egressRoutes, name: "r1", spec: "{}"))
        try await watched.wait { $0.known.count == 1 }
      }
    }
  }

  @Test func aResourceThatIsMissedOnceKeepsItsObjects() async throws {
    try await TestCluster.with { cluster in
      let server = cluster.server
      try server.apply(.custom(.egressRoutes, name: "r1", spec: "{}"))
      try await cluster.reflect(.egressRoutes, name: \.key.name) { watched in
        try await watched.wait { $0.isSynchronized }
        let absent = Fault.answers(
          RecordedAnswer(status: 404, headers: [("content-type", "text/plain")], body: Array("404".utf8)))
        server.plan(absent, of: .egressRoutes, times: 1)
        await server.dropConnections()
        try await watched.wait { $0.count(.synchronized) == 2 }
        #expect(watched.fewest == 1)

        server.setPresence(of: .egressRoutes, false)
        await server.dropConnections()
        try await watched.wait { $0.known.isEmpty }
      }
    }
  }

  @Test func aPageThatIsTooLargeIsAskedSmaller() async throws {
    var settings = KubernetesClient.Settings()
    settings.answerSize = 2000
    try await TestCluster.with(client: settings) { cluster in
      cluster.server.setWatchListSupport(false)
      for index in 1...40 { try cluster.apply("api-\(index)", "10.8.1.\(index)") }
      try await cluster.reflectPods { watched in
        try await watched.wait { $0.isSynchronized }
        #expect(watched.known.count == 40)
        #expect(watched.losses.contains { $0.contains("larger than 2000 octets") })
      }
    }
  }

  @Test(arguments: ["the system's", "another cluster's"])
  func aServerThatNobodyVouchesForIsNotAsked(authorities: String) async throws {
    try await TestCluster.with(access: { server in
      ClusterAccess(
        server: server.url,
        authorities: authorities == "the system's" ? nil : Array(TestCertificates.otherAuthority.utf8),
        credentials: Credentials(token: .text(TestAPIServer.firstToken)))
    }) { cluster in
      try await cluster.reflectPods { watched in
        try await watched.wait { !$0.losses.isEmpty }
        #expect(watched.losses.first?.contains("not signed by an authority that is trusted") == true)
        #expect(!watched.isSynchronized)
      }
      #expect(cluster.server.requests.isEmpty)
    }
  }

  @Test func aServerMayBeVouchedForByAnotherName() async throws {
    try await TestCluster.with(access: { server in
      ClusterAccess(
        server: server.url, authorities: Array(TestCertificates.authority.utf8), serverName: "kubernetes.default.svc",
        credentials: Credentials(token: .text(TestAPIServer.firstToken)))
    }) { cluster in
      try await cluster.reflectPods { watched in try await watched.wait { $0.isSynchronized } }
    }
  }

  @Test func whoHasACertificateNeedsNoToken() async throws {
    try await TestCluster.with(access: { try $0.access(token: nil) }) { cluster in
      try await cluster.reflectPods { watched in try await watched.wait { $0.isSynchronized } }
      #expect(cluster.requests(.watch).first?.headers["authorization"] == nil)
    }
  }
}

/// Something that is done at most once.
final class Once: Sendable {
  private let isDone = Mutex(false)
  private let action: @Sendable () -> Void

  init(_ action: @escaping @Sendable () -> Void) {
    self.action = action
  }

  func run() {
    let isFirst = isDone.withLock { isDone in
      defer { isDone = true }
      return !isDone
    }
    if isFirst { action() }
  }
}
