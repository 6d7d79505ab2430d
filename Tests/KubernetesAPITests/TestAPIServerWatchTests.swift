import TestSupport
import Testing

@testable import TestAPIServer

/// What lists and watches of the test server tell.
@Suite struct TestAPIServerWatchTests {
  private static func names(_ events: [JSON]) -> [String] {
    events.map { event in
      let object = event["object"]
      return "\(event["type"]?.text ?? "") \(object?[path: "metadata", "name"]?.text ?? "")"
    }
  }

  private static func lines(_ count: Int) -> @Sendable ([UInt8]) -> Bool {
    { body in body.count { $0 == UInt8(ascii: "\n") } >= count }
  }

  @Test("A watch tells what happened after its revision, and then what happens", arguments: [true, false])
  func resume(speaksHTTP2: Bool) async throws {
    try await TestAPIServer.with(speaksHTTP2: speaksHTTP2) { server, client in
      try server.apply(.pod(namespace: "a", name: "before", addresses: []))
      let revision = server.revision
      try server.apply(.pod(namespace: "a", name: "new", addresses: []))
      async let answer = client.send("GET", "/api/v1/pods?watch=1&resourceVersion=\(revision)", until: Self.lines(4))
      try await eventually("the watch") { server.countWatchers(of: .pods) == 1 }
      try server.apply(.pod(namespace: "a", name: "new", addresses: ["10.8.0.1"]))
      try server.apply(.service(namespace: "a", name: "other", addresses: [], ports: []))
      server.delete(.pods, namespace: "a", name: "before")
      try server.apply(.pod(namespace: "b", name: "later", addresses: []))
      let events = try await answer.events
      #expect(Self.names(events) == ["ADDED new", "MODIFIED new", "DELETED before", "ADDED later"])
      let revisions = events.compactMap { $0["object"]?[path: "metadata", "resourceVersion"]?.text.flatMap(Int.init) }
      #expect(revisions == revisions.sorted() && revisions.first == revision + 1)
      try await eventually("the end of the watch") { server.countWatchers(of: .pods) == 0 }
    }
  }

  @Test("A watch of a namespace tells nothing of others")
  func namespaced() async throws {
    try await TestAPIServer.with { server, client in
      let revision = server.revision
      try server.apply(.pod(namespace: "a", name: "other", addresses: []))
      try server.apply(.pod(namespace: "b", name: "own", addresses: []))
      let path = "/api/v1/namespaces/b/pods?watch=1&resourceVersion=\(revision)"
      #expect(Self.names(try await client.send("GET", path, until: Self.lines(1)).events) == ["ADDED own"])
    }
  }

  @Test("A watch ends after its time, and bookmarks come before")
  func timeout() async throws {
    try await TestAPIServer.with { server, client in
      server.setBookmarkInterval(milliseconds: 100)
      let path = "/api/v1/pods?watch=1&resourceVersion=\(server.revision)&timeoutSeconds=1"
      let answer = try await client.send("GET", path + "&allowWatchBookmarks=true")
      #expect(answer.isWhole)
      #expect(try answer.events.first?["type"] == "BOOKMARK")
      #expect(try await client.send("GET", path).body.isEmpty, "nobody asked for bookmarks")
    }
  }

  @Test("Pages show the list as it was at the first, whatever happens meanwhile")
  func consistentPages() async throws {
    try await TestAPIServer.with { server, client in
      for number in 1...5 { try server.apply(.pod(namespace: "a", name: "p\(number)", addresses: [])) }
      var token = ""
      var names: [String] = []
      repeat {
        let page = try await client.send("GET", "/api/v1/pods?limit=2&continue=\(token)").json
        names += (page["items"]?.elements ?? []).compactMap { $0[path: "metadata", "name"]?.text }
        token = page[path: "metadata", "continue"]?.text ?? ""
        server.delete(.pods, namespace: "a", name: "p5")
        try server.apply(.pod(namespace: "a", name: "p0", addresses: []))
      } while !token.isEmpty
      #expect(names == ["p1", "p2", "p3", "p4", "p5"])
    }
  }

  @Test("When the past is forgotten, streams, revisions and tokens of before are refused with 410")
  func forgotten() async throws {
    try await TestAPIServer.with { server, client in
      for number in 1...2 { try server.apply(.pod(namespace: "a", name: "p\(number)", addresses: [])) }
      let revision = server.revision
      let page = try await client.send("GET", "/api/v1/pods?limit=1").json
      let token = try #require(page[path: "metadata", "continue"]?.text)
      async let stream = client.send("GET", "/api/v1/pods?watch=1&resourceVersion=\(revision)")
      try await eventually("the watch") { server.countWatchers(of: .pods) == 1 }
      server.forgetPast(endsWatches: true)
      let ended = try await stream
      #expect(ended.isWhole)
      #expect(try ended.events.last?[path: "object", "code"]?.integer == 410)
      let again = try await client.send("GET", "/api/v1/pods?watch=1&resourceVersion=\(revision)")
      #expect(try again.events.map { $0["type"] } == ["ERROR"])
      let rest = try await client.send("GET", "/api/v1/pods?limit=1&continue=\(token)")
      #expect(rest.status == 410)
      #expect(try rest.json["reason"] == "Expired")
      // The token of the refusal reads on, with what is there now.
      let next = try #require(try rest.json[path: "metadata", "continue"]?.text)
      _ = try await client.send("GET", "/api/v1/pods?limit=1")
      let read = try await client.send("GET", "/api/v1/pods?limit=1&continue=\(next)").json
      #expect(read["items"]?.elements.first?[path: "metadata", "name"] == "p2")
    }
  }

  @Test("A watch of very many objects comes whole, as protobuf and as JSON", arguments: [true, false])
  func manyObjects(speaksHTTP2: Bool) async throws {
    let count = 2000
    try await TestAPIServer.with(speaksHTTP2: speaksHTTP2) { server, client in
      for number in 0..<count { try server.apply(.pod(namespace: "a", name: "p\(number)", addresses: ["10.8.0.1"])) }
      let path = "/api/v1/pods?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
      let json = try await client.send("GET", path, until: Self.lines(count + 1)).events
      #expect(json.count == count + 1)
      #expect(json.last?["type"] == "BOOKMARK")
      let accept = [("accept", "application/vnd.kubernetes.protobuf;stream=watch,application/json")]
      let end = Array("k8s.io/initial-events-end".utf8)
      let protobuf = try await client.send("GET", path, headers: accept) { $0.suffix(200).firstRange(of: end) != nil }
      #expect(protobuf.headers["content-type"] == "application/vnd.kubernetes.protobuf;stream=watch")
      var rest = protobuf.body[...]
      var frames = 0
      while rest.count >= 4 {
        rest = rest.dropFirst(4 + rest.prefix(4).reduce(0) { $0 << 8 | Int($1) })
        frames += 1
      }
      #expect(rest.isEmpty)
      #expect(frames == count + 1)
    }
  }

  @Test("A selector is refused: it would not be looked at")
  func selector() async throws {
    try await TestAPIServer.with { _, client in
      let answer = try await client.send("GET", "/api/v1/pods?labelSelector=a%3Db")
      #expect(answer.status == 400)
    }
  }
}
