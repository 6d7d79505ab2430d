import TestAPIServer
import TestSupport
import Testing

/// What goes wrong on demand.
@Suite struct TestAPIServerFaultTests {
  private static let watch = "/api/v1/pods?watch=1&allowWatchBookmarks=true&resourceVersion="

  private static func types(_ answer: ReceivedAnswer) throws -> [String] {
    try answer.events.compactMap { $0["type"]?.text }
  }

  @Test("A refusal befalls as many requests as it is planned for, and only those it is meant for")
  func refusal() async throws {
    try await TestAPIServer.with { server, client in
      server.plan(.tooManyRequests(retryAfter: 7), for: .list, of: .pods, times: 1)
      server.plan(.internalError, for: .list, of: .pods, times: 1)
      #expect(try await client.send("GET", "/api/v1/services").status == 200)
      let first = try await client.send("GET", "/api/v1/pods")
      #expect(first.status == 429)
      #expect(first.headers["retry-after"] == "7")
      #expect(try await client.send("GET", "/api/v1/pods").status == 500)
      #expect(try await client.send("GET", "/api/v1/pods").status == 200)
      #expect(server.requests.map(\.status) == [200, 429, 500, 200])
    }
  }

  @Test("A connection drops in the middle of an event", arguments: [true, false])
  func drop(speaksHTTP2: Bool) async throws {
    try await TestAPIServer.with(speaksHTTP2: speaksHTTP2) { server, client in
      let revision = server.revision
      try server.apply(.pod(namespace: "a", name: "p", addresses: []))
      server.plan(.drops(afterOctets: 40), for: .watch, times: 1)
      let answer = try await client.send("GET", Self.watch + "\(revision)")
      #expect(answer.body.count == 40)
      #expect(!answer.isWhole)
      try await eventually("the end of the watch") { server.countWatchers(of: .pods) == 0 }
    }
  }

  @Test("A body comes in small parts, and whole")
  func slow() async throws {
    try await TestAPIServer.with { server, client in
      try server.apply(.pod(namespace: "a", name: "p", addresses: []))
      let fast = try await client.send("GET", "/api/v1/pods")
      server.plan(.sends(octetsAtOnce: 7, everyMilliseconds: 1), times: 1)
      let slow = try await client.send("GET", "/api/v1/pods")
      #expect(slow.isWhole)
      #expect(slow.body == fast.body)
    }
  }

  @Test("An answer that never comes does not come; nor does anything of a watch that tells nothing")
  func silence() async throws {
    try await TestAPIServer.with { server, client in
      server.setBookmarkInterval(milliseconds: 20)
      server.plan(.staysSilent, for: .list, times: 1)
      #expect(try await client.send("GET", "/api/v1/pods", seconds: 1).status == nil)
      server.plan(.tellsNothing, for: .watch, times: 1)
      let answer = try await client.send("GET", Self.watch + "\(server.revision)", seconds: 1)
      #expect(answer.status == 200)
      #expect(answer.body.isEmpty)
    }
  }

  @Test("A watch tells bookmarks only, each event twice, or each two in the wrong order")
  func disorder() async throws {
    try await TestAPIServer.with { server, client in
      server.setBookmarkInterval(milliseconds: 300)
      let revision = server.revision
      try server.apply(.pod(namespace: "a", name: "p", addresses: []))
      server.delete(.pods, namespace: "a", name: "p")
      let seen: @Sendable ([UInt8]) -> Bool = { $0.firstRange(of: Array("BOOKMARK".utf8)) != nil }
      var told: [[String]] = []
      for fault in [Fault.tellsBookmarksOnly, .tellsTwice, .tellsInWrongOrder] {
        server.plan(fault, for: .watch, times: 1)
        told.append(try Self.types(try await client.send("GET", Self.watch + "\(revision)", until: seen)))
      }
      #expect(told[0] == ["BOOKMARK"])
      #expect(told[1] == ["ADDED", "ADDED", "DELETED", "DELETED", "BOOKMARK"])
      #expect(told[2] == ["DELETED", "ADDED", "BOOKMARK"])
    }
  }

  @Test("A watch is expired at once")
  func expired() async throws {
    try await TestAPIServer.with { server, client in
      server.plan(.isExpired, for: .watch, times: 1)
      let answer = try await client.send("GET", Self.watch + "\(server.revision)")
      #expect(try Self.types(answer) == ["ERROR"])
    }
  }

  @Test("A server without watch lists refuses them; without a CustomResourceDefinition there is nothing")
  func absence() async throws {
    try await TestAPIServer.with { server, client in
      server.setWatchListSupport(false)
      let watchList = "/api/v1/pods?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
      let refused = try await client.send("GET", watchList)
      #expect(refused.status == 422)
      let routes = "/apis/egress.aibang.com/v1alpha1/egressroutes"
      server.setPresence(of: .egressRoutes, false)
      #expect(try await client.send("GET", routes).text == "404 page not found\n")
      server.setPresence(of: .egressRoutes, true)
      #expect(try await client.send("GET", routes).status == 200)
    }
  }

  @Test("A clock that is ahead is so in headers and in objects")
  func clockSkew() async throws {
    try await TestAPIServer.with { server, client in
      server.setClockSkew(seconds: 40 * 365 * 86400)
      try server.apply(.namespace("later"))
      let answer = try await client.send("GET", "/api/v1/namespaces/later")
      let created = try answer.json[path: "metadata", "creationTimestamp"]?.text
      let year = try #require(created?.prefix(4))
      #expect(year > "2060")
      #expect(answer.headers["date"]?.contains(" \(year) ") == true)
    }
  }

  @Test("A server that is started again has its port and its objects, and no connection of before")
  func restart() async throws {
    try await TestAPIServer.with { server, client in
      try server.apply(.namespace("kept"))
      async let watch = client.send("GET", Self.watch + "\(server.revision)")
      try await eventually("the watch") { server.countWatchers(of: .pods) == 1 }
      await server.stop()
      let dropped = try await watch
      #expect(!dropped.isWhole)
      await #expect(throws: (any Error).self) { try await client.send("GET", "/api/v1/namespaces/kept") }
      try await server.restart()
      #expect(try await client.send("GET", "/api/v1/namespaces/kept").status == 200)
    }
  }
}
