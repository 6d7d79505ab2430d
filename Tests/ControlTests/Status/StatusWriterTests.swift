import Foundation
import KubernetesAPI
import Logging
import Steering
import SteeringPolicy
import Synchronization
import TestSupport
import Testing

@testable import Control

@Suite struct StatusWriterTests {
  private static let route = CustomObject.Key(kind: "EgressRoute", name: "partner")
  private static let path = "/apis/egress.aibang.com/v1alpha1/egressroutes/partner"
  private static let generation = Generation(digest: String(repeating: "ab", count: 32), serial: 7)
  private static let error = Diagnostic(
    .duplicateHostname, at: SourceLocation(file: "EgressRoute/partner", line: 0, column: 0),
    "EgressRoute/other has partner.egress.internal already; choose another name")

  private let objects = FakeObjects()
  private let leads = Flag()

  private func writer(_ change: (inout StatusWriter.Limits) -> Void = { _ in }) -> StatusWriter {
    var limits = StatusWriter.Limits()
    limits.rest = .zero
    limits.pause = .milliseconds(1)
    change(&limits)
    return StatusWriter(
      requests: objects, instance: "steer-0", limits: limits,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, isLeader: { [leads] in leads.isSet })
  }

  /// Makes an object of a name at the API server, or puts another there.
  private func make(_ key: CustomObject.Key = route, uid: String = "u1", status: String = "null") throws {
    let path = try #require(key.path)
    objects.put(
      path,
      """
      {"apiVersion":"egress.aibang.com/v1alpha1","kind":"\(key.kind)","metadata":{"name":"\(key.name)","uid":"\(uid)",
       "generation":1},"spec":{},"status":\(status)}
      """)
  }

  /// The object as a watch tells it.
  private func told(_ key: CustomObject.Key = route) throws -> CustomObject {
    let json = try #require(key.path.flatMap(objects.json))
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    let metadata = try #require(object?["metadata"] as? [String: Any])
    return CustomObject(
      key: key, uid: metadata["uid"] as? String ?? "", resourceVersion: metadata["resourceVersion"] as? String ?? "",
      generation: 1, created: 0, json: json)
  }

  private func accepted(_ key: CustomObject.Key = route, uid: String = "u1") -> ObjectStatus {
    ObjectStatus(
      key: key, uid: uid, generation: 1, servedGeneration: 1, isAccepted: true, hasResolvedReferences: true)
  }

  private func refused(
    _ key: CustomObject.Key = route, uid: String = "u1", _ diagnostics: [Diagnostic] = [error]
  ) -> ObjectStatus {
    ObjectStatus(
      key: key, uid: uid, generation: 1, servedGeneration: nil, isAccepted: false, hasResolvedReferences: true,
      diagnostics: diagnostics)
  }

  private func status(_ key: CustomObject.Key = route) throws -> PublishedStatus {
    try #require(key.path.flatMap(objects.json).flatMap { StoredObject($0) }?.status)
  }

  private var writes: [APIRequest] { objects.requests.filter { $0.path.hasSuffix("/status") } }
  private var events: [APIRequest] { objects.requests.filter { $0.path.contains("/events") } }

  @Test func `an accepted object is told to be accepted, resolved and programmed, and by which generation`()
    async throws
  {
    try make()
    let writer = writer()
    await writer.update([accepted()], of: [try told()], generation: Self.generation)
    #expect(await writer.writeDue())
    let status = try status()
    #expect(status.observedGeneration == 1)
    #expect(status.conditions?.map(\.type) == ["Accepted", "Programmed", "ResolvedRefs"])
    #expect(status.conditions?.allSatisfy { $0.status == .yes && $0.observedGeneration == 1 } == true)
    #expect(status.served == .init(digest: Self.generation.digest, serial: 7))
    let request = try #require(writes.first)
    #expect(request.path == Self.path + "/status")
    #expect(request.contentType == "application/apply-patch+yaml")
    #expect(request.query == ["fieldManager": "steer", "force": "true"])
  }

  @Test func `what an object says already is not written again, nor asked for`() async throws {
    try make()
    let writer = writer()
    for _ in 0..<3 {
      await writer.update([accepted()], of: [try told()], generation: Self.generation)
      #expect(await writer.writeDue())
    }
    // A later generation that is the same for this object is no reason either.
    let later = Generation(digest: String(repeating: "cd", count: 32), serial: 8)
    await writer.update([accepted()], of: [try told()], generation: later)
    #expect(await writer.writeDue())
    #expect(objects.requests.count == 2)
  }

  @Test func `a new leader writes nothing that the one before wrote, even if it was not told of it`() async throws {
    try make()
    let before = try told()
    let first = writer()
    await first.update([accepted()], of: [before], generation: Self.generation)
    #expect(await first.writeDue())
    let informed = writer()
    await informed.update([accepted()], of: [try told()], generation: Self.generation)
    #expect(await informed.writeDue())
    #expect(objects.requests.count == 2)
    let uninformed = writer()
    await uninformed.update([accepted()], of: [before], generation: Self.generation)
    #expect(await uninformed.writeDue())
    #expect(objects.requests.map(\.method) == [.get, .patch, .get])
  }

  @Test func `a status that another changed is set right when it is told`() async throws {
    try make()
    let writer = writer()
    await writer.update([accepted()], of: [try told()], generation: Self.generation)
    #expect(await writer.writeDue())
    try make(status: #"{"conditions":[],"observedGeneration":9}"#)
    await writer.update([accepted()], of: [try told()], generation: Self.generation)
    #expect(await writer.writeDue())
    #expect(try status().observedGeneration == 1)
  }

  @Test func `a condition keeps the time since when it says so, and has a new one when it says otherwise`()
    async throws
  {
    try make(
      status: """
        {"conditions":[
          {"type":"Accepted","status":"True","lastTransitionTime":"2026-11-01T00:00:00Z","reason":"Accepted","message":""},
          {"type":"Programmed","status":"True","lastTransitionTime":"2026-11-02T00:00:00Z","reason":"Programmed",
           "message":""}]}
        """)
    let writer = writer()
    var status = accepted()
    status.hasResolvedReferences = false
    status.servedGeneration = nil
    await writer.update([status], of: [try told()], generation: Self.generation)
    #expect(await writer.writeDue())
    let written = try self.status()
    #expect(written.condition(.accepted)?.lastTransitionTime == "2026-11-01T00:00:00Z")
    let programmed = try #require(written.condition(.programmed))
    #expect(programmed.status == .no)
    #expect(programmed.reason == "NotPublished")
    #expect(programmed.lastTransitionTime > "2026-11-02T00:00:00Z")
    #expect(written.served == nil)
  }

  @Test func `conditions of others stay`() async throws {
    try make(
      status: """
        {"conditions":[{"type":"Reviewed","status":"True","lastTransitionTime":"2026-11-01T00:00:00Z","reason":"Manual",
         "message":"by hand"}]}
        """)
    let writer = writer()
    await writer.update([accepted()], of: [try told()], generation: Self.generation)
    #expect(await writer.writeDue())
    await writer.update([accepted()], of: [try told()], generation: Self.generation)
    #expect(await writer.writeDue())
    #expect(try status().conditions?.contains { $0.type == "Reviewed" } == true)
    #expect(writes.count == 1)
  }

  @Test func `who does not lead sends nothing`() async throws {
    try make()
    leads.set(false)
    let writer = writer()
    await writer.update([refused()], of: [try told()], generation: Self.generation)
    #expect(await writer.writeDue())
    #expect(objects.requests.isEmpty)
    leads.set(true)
    #expect(await writer.writeDue())
    #expect(writes.count == 1)
  }

  @Test func `who comes to lead sets right what another wrote since the objects were told`() async throws {
    try make()
    let writer = writer()
    await writer.update([accepted()], of: [try told()], generation: Self.generation)
    #expect(await writer.writeDue())
    leads.set(false)
    #expect(await writer.writeDue())
    try make(status: #"{"conditions":[],"observedGeneration":9}"#)
    leads.set(true)
    #expect(await writer.writeDue())
    #expect(try status().observedGeneration == 1)
  }

  @Test func `who ceases to lead while it reads does not write`() async throws {
    try make()
    objects.fail { [leads] request in
      if request.method == .get { leads.set(false) }
      return nil
    }
    let writer = writer()
    await writer.update([accepted()], of: [try told()], generation: Self.generation)
    #expect(await writer.writeDue())
    #expect(objects.requests.map(\.method) == [.get])
  }

  @Test func `another object of the same name is not told what became of the one before`() async throws {
    try make(uid: "u1")
    let before = try told()
    let writer = writer()
    await writer.update([refused()], of: [before], generation: Self.generation)
    try make(uid: "u2")
    #expect(await writer.writeDue())
    #expect(writes.isEmpty)
    await writer.update([accepted(uid: "u2")], of: [try told()], generation: Self.generation)
    #expect(await writer.writeDue())
    #expect(try status().condition(.accepted)?.status == .yes)
  }

  @Test func `a version that was not told yet is not told what became of the one before`() async throws {
    try make(status: #"{"observedGeneration":7}"#)
    let before = try told()
    let path = try #require(Self.route.path)
    let json = try #require(objects.json(path))
    objects.put(path, json.replacing(#""generation":1"#, with: #""generation":7"#))
    let writer = writer()
    await writer.update([accepted()], of: [before], generation: Self.generation)
    #expect(await writer.writeDue())
    #expect(writes.isEmpty)
  }

  @Test func `an object that is removed is let go`() async throws {
    try make()
    let writer = writer()
    await writer.update([accepted()], of: [try told()], generation: Self.generation)
    objects.remove(Self.path)
    #expect(await writer.writeDue())
    await writer.update([], of: [], generation: Self.generation)
    let count = objects.requests.count
    #expect(await writer.writeDue())
    #expect(objects.requests.count == count)
  }

  @Test func `many changes are written no faster than the limits let them`() async throws {
    let keys = (0..<100).map { CustomObject.Key(kind: "EgressPolicy", name: "team-\($0)") }
    for key in keys { try make(key) }
    let writer = writer {
      $0.burst = 8
      $0.perSecond = 0.001
    }
    let told = try keys.map { try self.told($0) }
    await writer.update(keys.map { accepted($0) }, of: told, generation: Self.generation)
    for _ in 0..<5 { #expect(await writer.writeDue()) }
    #expect(writes.count == 8)
  }

  @Test func `refusals are written first`() async throws {
    let last = CustomObject.Key(kind: "EgressRoute", name: "z")
    let keys = [
      CustomObject.Key(kind: "EgressRoute", name: "a"), CustomObject.Key(kind: "EgressRoute", name: "b"), last,
    ]
    for key in keys { try make(key) }
    let writer = writer { $0.burst = 1 }
    await writer.update(
      keys.map { $0 == last ? refused($0) : accepted($0) }, of: try keys.map { try told($0) },
      generation: Self.generation)
    #expect(await writer.writeDue())
    #expect(writes.first?.path.hasSuffix("egressroutes/z/status") == true)
  }

  @Test(arguments: [403, 429, 500, 503]) func `what the API server does not take now is written later`(status: Int)
    async throws
  {
    try make()
    let writer = writer()
    await writer.update([accepted()], of: [try told()], generation: Self.generation)
    objects.fail { $0.method == .patch ? KubernetesClient.Answer(status: status, body: []) : nil }
    _ = await writer.writeDue()
    #expect(objects.json(Self.path)?.contains("Accepted") == false)
    objects.fail(nil)
    #expect(await writer.writeDue())
    #expect(try self.status().condition(.accepted)?.status == .yes)
  }

  @Test func `a status that the API server never takes is sent once, and what follows is written`() async throws {
    try make()
    let other = CustomObject.Key(kind: "EgressRoute", name: "quartz")
    try make(other)
    let writer = writer()
    objects.fail { $0.path == Self.path + "/status" ? KubernetesClient.Answer(status: 422, body: []) : nil }
    for _ in 0..<3 {
      await writer.update(
        [accepted(), accepted(other)], of: [try told(), try told(other)], generation: Self.generation)
      #expect(await writer.writeDue())
    }
    #expect(writes.count == 2)
    #expect(try status(other).condition(.accepted)?.status == .yes)
    objects.fail(nil)
    await writer.update([refused()], of: [try told()], generation: Self.generation)
    #expect(await writer.writeDue())
    #expect(try status().condition(.accepted)?.status == .no)
  }

  @Test(arguments: [403, 500, 503]) func `objects that are never taken keep no other from being told`(status: Int)
    async throws
  {
    let keys = ["a", "b", "c", "d"].map { CustomObject.Key(kind: "EgressRoute", name: $0) }
    for key in keys { try make(key) }
    let writer = writer()
    // As an admission webhook answers for what it does not take, or fails at.
    objects.fail {
      $0.path.hasSuffix("/a/status") || $0.path.hasSuffix("/b/status")
        ? KubernetesClient.Answer(status: status, body: Array(#"{"message":"\#($0.path)"}"#.utf8)) : nil
    }
    await writer.update(
      keys.map { $0.name < "c" ? refused($0) : accepted($0) }, of: try keys.map { try told($0) },
      generation: Self.generation)
    #expect(await writer.writeDue())
    for key in keys.suffix(2) { #expect(try self.status(key).condition(.accepted)?.status == .yes) }
    let last = CustomObject.Key(kind: "EgressRoute", name: "z")
    try make(last)
    await writer.update(
      (keys + [last]).map { $0.name < "c" ? refused($0) : accepted($0) },
      of: try (keys + [last]).map { try told($0) }, generation: Self.generation)
    #expect(await writer.writeDue())
    #expect(try self.status(last).condition(.accepted)?.status == .yes)
  }

  @Test func `where every object fails a round tries a few, and the next rounds the others`() async throws {
    let keys = (0..<9).map { CustomObject.Key(kind: "EgressRoute", name: "r\($0)") }
    for key in keys { try make(key) }
    let writer = writer { $0.failures = 3 }
    objects.fail { _ in KubernetesClient.Answer(status: 503, body: []) }
    await writer.update(
      keys.map { accepted($0) }, of: try keys.map { try told($0) }, generation: Self.generation)
    for round in 1...3 {
      #expect(await writer.writeDue() == false)
      #expect(objects.requests.count == 3 * round)
    }
    #expect(Set(objects.requests.map(\.path)).count == 9)
  }

  @Test(arguments: [401, 429, nil]) func `a failure that is not the object's own ends the round`(status: Int?)
    async throws
  {
    let keys = ["a", "b"].map { CustomObject.Key(kind: "EgressRoute", name: $0) }
    for key in keys { try make(key) }
    let writer = writer()
    objects.fail { _ in
      guard let status else { throw FakeObjects.Unreachable() }
      return KubernetesClient.Answer(status: status, body: [])
    }
    await writer.update(
      keys.map { accepted($0) }, of: try keys.map { try told($0) }, generation: Self.generation)
    #expect(await writer.writeDue() == false)
    #expect(objects.requests.count == 1)
  }

  @Test func `an object that fails is left alone twice as long each time, until it is written`() throws {
    try make()
    var record = ObjectRecord(try told(), wanted: PublishedStatus(accepted()))
    let now = ContinuousClock.now
    for seconds in [5, 10, 20, 40, 60, 60] {
      record.fail(.refused(403, ""), at: now, resting: .seconds(5), atMost: .seconds(60))
      #expect(!record.isDue(at: now + .seconds(seconds - 1)))
      #expect(record.isDue(at: now + .seconds(seconds)))
    }
    record.settle(nil, until: now)
    record.fail(.refused(403, ""), at: now, resting: .seconds(5), atMost: .seconds(60))
    #expect(record.isDue(at: now + .seconds(5)))
  }

  @Test func `an object that was written is left alone for a while, and then says the newest`() async throws {
    try make()
    let writer = writer { $0.rest = .milliseconds(200) }
    let told = try told()
    await writer.update([accepted()], of: [told], generation: Self.generation)
    #expect(await writer.writeDue())
    for number in 1...50 {
      var status = accepted()
      status.generation = Int64(number)
      status.servedGeneration = status.generation
      await writer.update([status], of: [told], generation: Self.generation)
    }
    try await eventually("it says the newest") {
      _ = await writer.writeDue()
      return try self.status().observedGeneration == 50
    }
    #expect(writes.count == 2)
  }

  @Test func `a refusal is told as an Event, once, however often it is found`() async throws {
    try make()
    let writer = writer()
    for _ in 0..<3 {
      await writer.update([refused()], of: [try told()], generation: Self.generation)
      #expect(await writer.writeDue())
    }
    #expect(events.map(\.method) == [.post])
    let event = try #require(events.first?.body.map { String(decoding: $0, as: UTF8.self) })
    for part in [
      #""reason":"DuplicateHostname""#, #""type":"Warning""#, #""uid":"u1""#, #""namespace":"default""#,
      #""reportingInstance":"steer-0""#,
    ] {
      #expect(event.contains(part), "\(event)")
    }
  }

  @Test func `a refusal that comes back is counted on the same Event, and made anew when that one is gone`()
    async throws
  {
    try make()
    let writer = writer()
    func round(_ status: ObjectStatus) async throws {
      await writer.update([status], of: [try told()], generation: Self.generation)
      #expect(await writer.writeDue())
    }
    for _ in 0..<2 {
      try await round(refused())
      try await round(accepted())
    }
    #expect(events.map(\.method) == [.post, .patch])
    let path = try #require(events.last?.path)
    #expect(objects.json(path)?.contains(#""count":2"#) == true)
    objects.remove(path)
    try await round(refused())
    try await round(accepted())
    try await round(refused())
    #expect(events.map(\.method) == [.post, .patch, .patch, .post])
  }

  @Test func `a thousand refusals are no thousand Events, and each object says its own`() async throws {
    let keys = (0..<1000).map { CustomObject.Key(kind: "EgressPolicy", name: "team-\($0)") }
    for key in keys { try make(key) }
    let writer = writer { $0.burst = 1000 }
    await writer.update(
      keys.map { refused($0) }, of: try keys.map { try told($0) }, generation: Self.generation)
    #expect(await writer.writeDue())
    #expect(writes.count == 1000)
    #expect(events.count < 100)
  }

  @Test func `it writes while it runs, and ends when it is cancelled`() async throws {
    try make()
    let writer = writer()
    let task = Task { await writer.run() }
    await writer.update([accepted()], of: [try told()], generation: Self.generation)
    try await eventually("the status is written") { !self.writes.isEmpty }
    task.cancel()
    await task.value
  }
}

/// Something that is so or not.
private final class Flag: Sendable {
  private let value = Atomic(true)

  var isSet: Bool { value.load(ordering: .relaxed) }

  func set(_ isSet: Bool) { value.store(isSet, ordering: .relaxed) }
}
