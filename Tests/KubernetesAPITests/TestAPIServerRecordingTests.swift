import Testing

@testable import TestAPIServer

/// What the test server says, beside what a real one said.
@Suite struct TestAPIServerRecordingTests {
  @Test("A recording is replayed octet for octet", arguments: RecordedFile.all, [true, false])
  func replay(file: RecordedFile, speaksHTTP2: Bool) async throws {
    let recorded = try file.answer
    try await TestAPIServer.with(speaksHTTP2: speaksHTTP2) { server, client in
      server.plan(.answers(recorded), times: 1)
      let answer = try await client.send("GET", "/api/v1/pods")
      #expect(answer.status == recorded.status)
      #expect(answer.body == recorded.body)
      #expect(answer.isWhole)
      for (name, value) in recorded.headers { #expect(answer.headers[name] == value) }
    }
  }

  @Test(
    "A list of the recorded objects is the recorded list",
    arguments: [
      ("services.list.json", "/api/v1/services"), ("namespaces.list.json", "/api/v1/namespaces"),
      ("endpointslices.list.json", "/apis/discovery.k8s.io/v1/endpointslices"),
      ("services.intra-proxy.headless.list.json", "/api/v1/namespaces/intra-proxy/services"),
    ])
  func list(file: String, path: String) async throws {
    let recorded = try RecordedFile(file).json
    try await TestAPIServer.with { server, client in
      try server.take(recorded)
      let answer = try await client.send("GET", path, headers: [("user-agent", "curl/8")])
      #expect(try answer.json.withoutCircumstance == recorded.withoutCircumstance)
      let pretty = try answer.json.pretty
      #expect(String(decoding: pretty, as: UTF8.self) == answer.text)
    }
  }

  @Test("Pages of the recorded pods are the recorded pages, but for the revision in the token")
  func pages() async throws {
    let recorded = [try RecordedFile("pods.page1.json").json, try RecordedFile("pods.page2.json").json]
    try await TestAPIServer.with { server, client in
      for page in recorded { try server.take(page) }
      let first = try await client.send("GET", "/api/v1/pods?limit=1").json
      #expect(first.withoutCircumstance == recorded[0].withoutCircumstance)
      let token = try #require(first[path: "metadata", "continue"]?.text)
      let recordedToken = try #require(recorded[0][path: "metadata", "continue"]?.text)
      #expect(try ContinueToken(token).start == ContinueToken(recordedToken).start)
      #expect(ContinueToken(revision: 245, start: "team-a/api-1").text == recordedToken)
      let second = try await client.send("GET", "/api/v1/pods?limit=1&continue=\(token)").json
      #expect(second.withoutCircumstance == recorded[1].withoutCircumstance)
    }
  }

  @Test("A watch with initial events tells what the recorded one tells, and in the same words")
  func watchList() async throws {
    let recorded = try RecordedFile("pods.watchlist.txt").events
    try await TestAPIServer.with { server, client in
      for event in recorded.prefix(2) { try server.apply(try #require(event["object"])) }
      let path = "/api/v1/pods?watch=1&allowWatchBookmarks=true&sendInitialEvents=true"
      let answer = try await client.send("GET", path + "&resourceVersionMatch=NotOlderThan") { body in
        body.count { $0 == UInt8(ascii: "\n") } == 4
      }
      let events = try answer.events.prefix(4).map(\.withoutCircumstance)
      #expect(Array(events.prefix(3)) == recorded.prefix(3).map(\.withoutCircumstance))
      #expect(events.last == recorded.last?.withoutCircumstance, "the bookmark")
    }
  }

  @Test("Refusals have the recorded words")
  func refusals() async throws {
    try await TestAPIServer.with { server, client in
      let leases = "/apis/coordination.k8s.io/v1/namespaces/intra-proxy/leases"
      let lease = #"{"metadata":{"name":"steer"},"spec":{"holderIdentity":"steer-0","leaseDurationSeconds":15}}"#
      let stale = #"{"metadata":{"name":"steer","resourceVersion":"1"}}"#
      _ = try await client.send("POST", leases, body: lease)
      server.setPresence(of: .egressRoutes, false)
      let curl = [("user-agent", "curl/8")]
      let answers = [
        ("lease.create.409.txt", try await client.send("POST", leases, headers: curl, body: lease)),
        ("lease.update.409.txt", try await client.send("PUT", leases + "/steer", headers: curl, body: stale)),
        (
          "pods.list.401-anon.txt",
          try await PlainClient(port: server.port, token: nil).send("GET", "/api/v1/pods", headers: curl)
        ),
        (
          "pods.list.401-bad-token.txt",
          try await PlainClient(port: server.port, token: "?").send("GET", "/api/v1/pods", headers: curl)
        ),
        (
          "crd-not-installed.404.txt",
          try await client.send("GET", "/apis/egress.aibang.com/v1alpha1/egressroutes", headers: curl)
        ),
      ]
      for (file, answer) in answers {
        let recorded = try RecordedFile(file).answer
        #expect(answer.status == recorded.status, "\(file)")
        #expect(answer.text == String(decoding: recorded.body, as: UTF8.self), "\(file)")
        #expect(Set(recorded.headers.map(\.name)).isSubset(of: answer.headers.keys), "\(file)")
      }
    }
  }

  @Test("A lease that is made has the recorded shape")
  func lease() async throws {
    let recorded = RecordedFile("lease.create.201.txt")
    let recordedLease = try recorded.json
    let spec = try #require(recordedLease["spec"])
    try await TestAPIServer.with { _, client in
      let body = JSON.object([.init("metadata", ["name": "steer"]), .init("spec", spec)]).compact
      let answer = try await client.send(
        "POST", "/apis/coordination.k8s.io/v1/namespaces/intra-proxy/leases",
        body: String(decoding: body, as: UTF8.self))
      #expect(answer.status == 201)
      #expect(try answer.json.withoutCircumstance == recordedLease.withoutCircumstance)
    }
  }

  @Test("A watch from a forgotten revision has the recorded error")
  func expired() async throws {
    let recorded = RecordedFile("pods.watch.410.txt")
    try await TestAPIServer.with { server, client in
      let answer = try await client.send("GET", "/api/v1/pods?watch=1&resourceVersion=10")
      #expect(answer.status == 200)
      let text = try recorded.answer.body.text.replacing("(279)", with: "(\(server.revision))")
      #expect(answer.text == text)
    }
  }

  @Test("The recorded pods in JSON become the recorded protobuf, octet for octet")
  func protobuf() throws {
    // The same pods in another cluster: other addresses, made in one second or the next, and patched in that.
    let pods = [
      ("pods.page1.json", "127.0.1.1", "10.8.1.5", "9d841a45-27e3-44fd-9fa9-6ab2b864b213", 42, 72),
      ("pods.page2.json", "127.0.1.2", "10.8.2.6", "8404827b-64a2-4a2f-948a-d9ec46d08a74", 43, 73),
    ]
    let recorded = try RecordedFile("pods.list.protobuf.bin").octets
    for (file, oldAddress, address, uid, second, revision) in pods {
      let listed = try RecordedFile(file).json
      let created = JSON.string("2026-11-23T09:38:\(second)Z")
      let pod = try #require(listed["items"]?.elements.first)
        .merged(with: ["metadata": ["uid": .string(uid), "creationTimestamp": created]])
      let patched = try #require(pod[path: "metadata", "managedFields"]?.elements.last).compact.text
      let text = pod.compact.text
        .replacing(patched, with: patched.replacing("2026-11-23T08:50:07Z", with: "2026-11-23T09:38:43Z"))
        .replacing("2026-11-23T08:50:07Z", with: "2026-11-23T09:38:42Z").replacing(oldAddress, with: address)
      let message = try JSON(text).protobuf(revision: revision, of: .pods)
      #expect(recorded.firstRange(of: message) != nil, "\(file)")
    }
  }

  @Test("A bookmark as protobuf is the recorded one, octet for octet")
  func protobufBookmark() throws {
    let recorded = try RecordedFile("pods.watchlist.protobuf.http.bin").answer.body
    let bookmark = WatchEncoding(.protobuf).bookmark(221, endsInitialEvents: false, of: .pods)
    #expect(recorded.firstRange(of: bookmark) != nil)
  }
}

extension TestAPIServer {
  /// Takes over the objects of a recorded list.
  fileprivate func take(_ list: JSON) throws {
    let kind = try #require(list["kind"]?.text?.dropLast("List".count))
    for var item in list["items"]?.elements ?? [] {
      item["kind"] = .string(String(kind))
      item["apiVersion"] = list["apiVersion"]
      try apply(item)
    }
    // What a new server has beside them.
    for object in objects(.namespaces) where kind == "Namespace" {
      let name = object[path: "metadata", "name"]?.text ?? ""
      let isListed = list["items"]?.elements.contains { $0[path: "metadata", "name"]?.text == name } == true
      if !isListed { delete(.namespaces, name: name) }
    }
  }
}

extension [UInt8] {
  fileprivate var text: String { String(decoding: self, as: UTF8.self) }
}
