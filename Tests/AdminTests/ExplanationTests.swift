import Control
import Foundation
import KubernetesAPI
import NIOCore
import Steering
import TestSupport
import Testing

@testable import Admin

/// What a running server says of why a client is answered so.
@Suite struct ExplanationTests {
  private static let questions: [PolicyQuestion] = {
    func question(_ from: String, _ fill: (inout PolicyQuestion) -> Void) -> PolicyQuestion {
      var question = PolicyQuestion(from: from)
      fill(&question)
      return question
    }
    return [
      question("10.8.1.1") { $0.name = "one.steer.test" },
      question("team-b/api") { ($0.name, $0.type) = ("one.steer.test", "AAAA") },
      question("system:serviceaccount:team-a:api") { $0.name = "one.steer.test." },
      question("team-a") { ($0.via, $0.connect) = ("one", "login.example.com:443") },
      question("team-a") { ($0.via, $0.connect, $0.method) = ("one", "login.example.com:443", "GET") },
      question("10.8.1.1") {
        $0.packet = "0001 0000 0001 0000 0000 0000 036f6e65 05737465 65720474 65737400 0001 0001"
      },
    ]
  }()

  @Test(arguments: questions)
  func itIsWhatTheSnapshotSays(_ question: PolicyQuestion) async throws {
    try await serving { server, client in
      let snapshot = try server.serve()
      let served = try await client.explain(question)
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      #expect(try encoder.encode(served.explanation) == encoder.encode(snapshot.explain(question)))
      #expect(served.inventory == nil)
    }
  }

  @Test func itSaysWhichOfItsObjectsAreHeldBack() async throws {
    try await serving { server, client in
      let snapshot = try server.serve()
      let question = Self.questions[0]
      let origin = try #require(try snapshot.explain(question).decision?.origin)
      let held = [
        ServerStatus.HeldObject(object: origin, reason: "a typing error"),
        ServerStatus.HeldObject(object: "EgressPolicy/other", reason: "another"),
      ]
      server.show(held: held, failure: nil)
      #expect(try await client.explain(question).held == [held[0]])
      server.show(held: [held[1]], failure: nil)
      #expect(try await client.explain(question).held == nil)
    }
  }

  @Test func itSaysHowFreshTheInventoryIs() async throws {
    let freshness = Freshness(ClusterResource.inventory)
    for resource in ClusterResource.inventory {
      freshness.note([Change<Pod>.relisting, .synchronized], of: resource, count: 0)
    }
    try await serving(freshness: freshness) { server, client in
      _ = try server.serve()
      let live = try #require(try await client.explain(Self.questions[0]).inventory)
      #expect(live.live && live.age != nil && live.text.hasPrefix("live, "))
      freshness.note([Change<Pod>.lost("gone")], of: .services, count: 0)
      let lost = try #require(try await client.explain(Self.questions[0]).inventory)
      #expect(!lost.live && lost.text.hasPrefix("not live, "), "\(lost.text)")
    }
  }

  @Test(arguments: [
    ("from=team-a", "Ask for a name"), ("from=team-a/nobody&name=a.test", "There is no pod team-a\\/nobody"),
    ("name=a.test", "'' is not a client"), ("from=team-a&name=a..b", "'a..b' is not a domain name"),
    ("from=team-a&name=a.test&type=BOGUS", "'BOGUS' is not a record type"),
    ("from=team-a&via=two&connect=a.test:443", "There is no route 'two'; there are: one"),
    ("from=team-a&via=one", "Ask for a name"), ("from=team-a&name=a.test&via=one", "go together"),
    ("from=team-a&client=b", "there is no parameter 'client'"), ("from=10.0.0.1&packet=00", "not a query"),
  ])
  func aQuestionThatMakesNoSenseIsRefusedWithTheReason(_ query: String, says: String) async throws {
    try await serving { server, _ in
      _ = try server.serve()
      let answer = try await RawRequest.get("/explain?\(query)", from: server.endpoint)
      #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains(says), "\(answer)")
    }
  }

  @Test func beforeThereIsASnapshotNothingIsExplained() async throws {
    try await serving { _, client in
      let failure = await #expect(throws: AdminClient.Failure.self) { try await client.explain(Self.questions[0]) }
      #expect(failure?.description.contains("no snapshot yet") == true)
    }
  }

  @Test func whatTellsOfThePolicyIsForLoopbackAlone() throws {
    for (address, isLoopback) in [
      ("127.0.0.1", true), ("127.9.0.1", true), ("::1", true), ("::ffff:127.0.0.1", true), ("10.8.1.1", false),
      ("::ffff:10.8.1.1", false), ("fe80::1", false), ("128.0.0.1", false), ("0.0.0.0", false), ("::", false),
    ] {
      #expect(try SocketAddress(ipAddress: address, port: 1).isLoopback == isLoopback, "\(address)")
    }
  }

  @Test(arguments: ["/explain?from=team-a&name=one.steer.test", "/proxy"])
  func aWebPageThatLedAnotherNameHereIsToldNothing(_ target: String) async throws {
    try await serving { server, _ in
      _ = try server.serve(
        TestPolicy.minimal,
        ServingParts(count: { _ in 0 }, proxy: { .init(json: Array("{}".utf8), prometheus: "") }))
      for (host, status) in [
        ("evil.example", "403"), ("127.0.0.1.evil.example", "403"), ("[evil", "403"),
        ("localhost.evil.example", "403"),
        ("localhost:9153", "200"), ("localhost", "200"), ("127.0.0.1:1", "200"), ("[::1]:9153", "200"),
        ("[::1]", "200"),
      ] {
        let answer = try await RawRequest.get(target, host: host, from: server.endpoint)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(host): \(answer)")
      }
    }
  }

  @Test func theProxiesAreToldIfThereIsAnEngine() async throws {
    struct Report: Codable, Equatable { var engine: String }
    try await serving { server, client in
      _ = try server.serve()
      #expect(try await client.proxyStatus(Report.self) == nil)
      server.begin(
        ServingParts(
          count: { _ in 0 }, proxy: { .init(json: Array(#"{"engine":"squid"}"#.utf8), prometheus: "") }))
      #expect(try await client.proxyStatus() == Report(engine: "squid"))
    }
  }

  @Test(arguments: ["127.0.0.1", "", "a:b", "127.0.0.1:9153/x", "u@127.0.0.1:1", "http://127.0.0.1:1", ":9153"])
  func whatIsNoServerIsRefusedWithWhatToWrite(_ server: String) {
    let failure = #expect(throws: AdminClient.Failure.self) { _ = try AdminClient(server) }
    #expect(failure?.description.contains("HOST:PORT") == true)
  }

  @Test func aServerThatIsNotThereIsSaid() async throws {
    let endpoint = try await serving { server, _ in server.endpoint }
    let failure = await #expect(throws: AdminClient.Failure.self) {
      _ = try await AdminClient("\(endpoint)").status()
    }
    #expect(
      failure?.description
        == "the server at \(endpoint) cannot be asked: connection refused; is 'steer serve' running there with --admin?"
    )
  }
}
