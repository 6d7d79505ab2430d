import Testing

@testable import TestAPIServer

/// What can be written to the test server, and who may.
@Suite struct TestAPIServerWriteTests {
  private static let leases = "/apis/coordination.k8s.io/v1/namespaces/intra-proxy/leases"
  private static let routes = "/apis/egress.aibang.com/v1alpha1/egressroutes"
  private static let merge = [("content-type", "application/merge-patch+json")]
  private static let apply = [("content-type", "application/apply-patch+yaml")]

  @Test("Of two who replace the same version of a lease, the second is refused")
  func leaseConflict() async throws {
    try await TestAPIServer.with { _, client in
      let made = try await client.send("POST", Self.leases, body: #"{"metadata":{"name":"steer"},"spec":{}}"#).json
      let text = String(decoding: made.merged(with: ["spec": ["holderIdentity": "a"]]).compact, as: UTF8.self)
      #expect(try await client.send("PUT", Self.leases + "/steer", body: text).status == 200)
      let second = try await client.send("PUT", Self.leases + "/steer", body: text)
      #expect(second.status == 409)
      #expect(try second.json["reason"] == "Conflict")
      #expect(try await client.send("GET", Self.leases + "/steer").json[path: "spec", "holderIdentity"] == "a")
    }
  }

  @Test("A patch of the status changes the status alone, and no generation; one of the spec does")
  func status() async throws {
    try await TestAPIServer.with { server, client in
      try server.apply(.custom(.egressRoutes, name: "r", spec: #"{"owner":"a"}"#))
      let patch = #"{"spec":{"owner":"b"},"status":{"conditions":[{"type":"Accepted","status":"True"}]}}"#
      let answer = try await client.send("PATCH", Self.routes + "/r/status", headers: Self.merge, body: patch)
      #expect(answer.status == 200)
      var route = try #require(server.object(.egressRoutes, name: "r"))
      #expect(route[path: "spec", "owner"] == "a")
      #expect(route[path: "metadata", "generation"] == 1)
      #expect(route[path: "status", "conditions"]?.elements.count == 1)
      _ = try await client.send("PATCH", Self.routes + "/r", headers: Self.merge, body: patch)
      route = try #require(server.object(.egressRoutes, name: "r"))
      #expect(route[path: "spec", "owner"] == "b")
      #expect(route[path: "metadata", "generation"] == 2)
      // kubectl apply of the object leaves the status as it is.
      try server.apply(.custom(.egressRoutes, name: "r", spec: #"{"owner":"c"}"#))
      route = try #require(server.object(.egressRoutes, name: "r"))
      #expect(route[path: "status", "conditions"]?.elements.count == 1)
      #expect(route[path: "metadata", "generation"] == 3)
    }
  }

  @Test("A patch with the revision of before is refused")
  func stalePatch() async throws {
    try await TestAPIServer.with { server, client in
      try server.apply(.custom(.egressRoutes, name: "r", spec: "{}"))
      let patch = #"{"metadata":{"resourceVersion":"1"},"status":{}}"#
      #expect(
        try await client.send("PATCH", Self.routes + "/r/status", headers: Self.merge, body: patch).status == 409)
    }
  }

  @Test("Server-side apply merges conditions by type, and removes what its manager says no more")
  func serverSideApply() async throws {
    try await TestAPIServer.with { server, client in
      try server.apply(.custom(.egressRoutes, name: "r", spec: "{}"))
      let path = Self.routes + "/r/status?fieldManager="
      let other = #"{"status":{"conditions":[{"type":"Other","status":"True"}]}}"#
      let first = #"{"status":{"served":{"digest":"x"},"conditions":[{"type":"A","status":"True"},{"type":"B"}]}}"#
      let second = #"{"status":{"conditions":[{"type":"A","status":"False"}]}}"#
      for (manager, patch) in [("other", other), ("steer", first), ("steer", second)] {
        #expect(try await client.send("PATCH", path + manager, headers: Self.apply, body: patch).status == 200)
      }
      let status = try #require(server.object(.egressRoutes, name: "r")?["status"])
      let conditions = (status["conditions"]?.elements ?? []).map {
        "\($0["type"]?.text ?? "") \($0["status"]?.text ?? "")"
      }
      #expect(conditions.sorted() == ["A False", "Other True"])
      #expect(status["served"] == nil)
      #expect(
        try await client.send("PATCH", Self.routes + "/r/status", headers: Self.apply, body: first).status == 400)
    }
  }

  @Test("An event is made under a name that begins as it says")
  func event() async throws {
    try await TestAPIServer.with { (server, client) async throws in
      let body = #"{"metadata":{"generateName":"steer."},"reason":"Refused","type":"Warning"}"#
      let path = "/apis/events.k8s.io/v1/namespaces/default/events"
      for _ in 1...2 { #expect(try await client.send("POST", path, body: body).status == 201) }
      let names = server.objects(.events).compactMap { $0[path: "metadata", "name"]?.text }
      #expect(names.count == 2 && names.allSatisfy { $0.hasPrefix("steer.") })
    }
  }

  @Test("An object that is deleted is gone, once")
  func delete() async throws {
    try await TestAPIServer.with { server, client in
      try server.apply(.custom(.egressRoutes, name: "r", spec: "{}"))
      #expect(try await client.send("DELETE", Self.routes + "/r").status == 200)
      #expect(try await client.send("DELETE", Self.routes + "/r").status == 404)
      #expect(server.object(.egressRoutes, name: "r") == nil)
    }
  }

  // MARK: Who may

  @Test("A token is accepted until it is refused, then its successor")
  func rotation() async throws {
    try await TestAPIServer.with { (server, client) async throws in
      #expect(try await client.send("GET", "/api/v1/pods").status == 200)
      server.accept(token: "token-2", refusingOthers: true)
      #expect(try await client.send("GET", "/api/v1/pods").status == 401)
      #expect(try await PlainClient(port: server.port, token: "token-2").send("GET", "/api/v1/pods").status == 200)
    }
  }

  @Test("A certificate says who one is, without a token", arguments: [true, false])
  func certificate(speaksHTTP2: Bool) async throws {
    try await TestAPIServer.with(speaksHTTP2: speaksHTTP2) { (server, _) async throws in
      let client = PlainClient(port: server.port, token: nil, speaksHTTP2: speaksHTTP2, showsCertificate: true)
      #expect(try await client.send("GET", "/api/v1/pods").status == 200)
    }
  }

  @Test("What is forbidden is told in the words of RBAC")
  func forbidden() async throws {
    try await TestAPIServer.with { server, client in
      server.forbid(.list, .egressRoutes)
      server.forbid(.patch, .egressRoutes, status: true)
      let list = try await client.send("GET", Self.routes)
      #expect(list.status == 403)
      #expect(
        try list.json["message"] == """
          egressroutes.egress.aibang.com is forbidden: User "system:serviceaccount:intra-proxy:steer" cannot list \
          resource "egressroutes" in API group "egress.aibang.com" at the cluster scope
          """)
      #expect(
        try await client.send("PATCH", Self.routes + "/r/status", headers: Self.merge, body: "{}").status == 403)
      server.forbid(.list, .egressRoutes, false)
      #expect(try await client.send("GET", Self.routes).status == 200)
    }
  }

  @Test("Custom resources are never protobuf: who accepts nothing else is refused")
  func notAcceptable() async throws {
    try await TestAPIServer.with { _, client in
      let both = [("accept", "application/vnd.kubernetes.protobuf,application/json")]
      let answer = try await client.send("GET", Self.routes, headers: both)
      #expect(answer.headers["content-type"] == "application/json")
      let only = [("accept", "application/vnd.kubernetes.protobuf")]
      #expect(try await client.send("GET", Self.routes, headers: only).status == 406)
    }
  }
}
