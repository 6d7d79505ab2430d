import DNSWire
import Foundation
import KubernetesAPI
import SteeringPolicy
import Testing

@testable import Control
@testable import Steering

@Suite struct PublishedStatusTests {
  private func status(
    _ kind: String = "EgressPolicy", isAccepted: Bool = true, served: Int64? = 4, resolved: Bool = true,
    _ diagnostics: [Diagnostic] = [], testResult: PolicyTestResult? = nil, addresses: [IPAddress] = []
  ) -> ObjectStatus {
    ObjectStatus(
      key: .init(kind: kind, name: "team-a"), uid: "u1", generation: 4, servedGeneration: served,
      isAccepted: isAccepted, hasResolvedReferences: resolved, diagnostics: diagnostics, addresses: addresses,
      testResult: testResult)
  }

  private func finding(_ code: DiagnosticCode, _ message: String = "wrong; do it right") -> Diagnostic {
    Diagnostic(code, at: SourceLocation(file: "EgressPolicy/team-a", line: 3, column: 5), message)
  }

  private func condition(
    _ name: PublishedStatus.Condition.Name, of status: ObjectStatus
  ) -> [String]? {
    PublishedStatus(status).condition(name).map {
      [$0.status.rawValue, $0.reason, $0.message]
    }
  }

  @Test func `a refused object says its first error and how many more there are`() {
    let status = status(
      isAccepted: false, served: nil,
      [finding(.shadowedRule), finding(.unknownField, "no field 'x'; remove it"), finding(.missingField)])
    let message = "no field 'x'; remove it (and 1 more: see status.diagnostics)"
    #expect(condition(.accepted, of: status) == ["False", "UnknownField", message])
    let published = PublishedStatus(status)
    #expect(published.diagnostics?.map(\.code) == ["unknown-field", "missing-field", "shadowed-rule"])
  }

  @Test func `an object that is held back says which version of it serves`() {
    let held = status(isAccepted: false, served: 3, [finding(.unknownField)])
    #expect(condition(.programmed, of: held) == ["False", "HeldBack", "version 3 of this object serves on"])
    let new = status(isAccepted: false, served: nil, [finding(.unknownField)])
    #expect(condition(.programmed, of: new) == ["False", "NotAccepted", "nothing of this object serves"])
  }

  @Test func `an accepted object is programmed when this version of it serves`() {
    #expect(condition(.programmed, of: status())?.first == "True")
    var unpublished = status(served: nil)
    unpublished.notPublished = "it could not be published: port 80"
    #expect(condition(.programmed, of: unpublished)?.last?.hasSuffix("it could not be published: port 80") == true)
    #expect(condition(.programmed, of: status(served: 3))?.prefix(2) == ["False", "NotPublished"])
  }

  @Test func `a reference to what is not there is told apart from other warnings`() {
    let status = status(
      resolved: false, [finding(.shadowedRule), finding(.unknownService, "no Service team-a/x; make it")])
    #expect(condition(.resolvedRefs, of: status) == ["False", "UnknownService", "no Service team-a/x; make it"])
    #expect(condition(.accepted, of: status)?.prefix(2) == ["True", "Accepted"])
  }

  @Test func `a test says whether it passed, and nothing of serving`() {
    let passed = PolicyTestResult(name: "team-a", location: "EgressTest/team-a", failures: [])
    let failed = PolicyTestResult(name: "team-a", location: "EgressTest/team-a", failures: ["expected A", "got B"])
    #expect(condition(.passed, of: status("EgressTest", testResult: passed))?.prefix(2) == ["True", "Passed"])
    #expect(
      condition(.passed, of: status("EgressTest", testResult: failed)) == ["False", "Failed", "expected A; got B"])
    #expect(condition(.passed, of: status("EgressTest"))?.prefix(2) == ["Unknown", "NotRun"])
    #expect(condition(.programmed, of: status("EgressTest", testResult: passed)) == nil)
    #expect(condition(.passed, of: status("EgressRoute")) == nil)
  }

  @Test func `a route says its addresses in order, others say none`() throws {
    let addresses = try ["10.0.0.9", "2001:db8::1", "10.0.0.2"].map { try #require(IPAddress($0)) }
    let published = PublishedStatus(status("EgressRoute", addresses: addresses))
    #expect(published.addresses == ["10.0.0.2", "10.0.0.9", "2001:db8::1"])
    #expect(PublishedStatus(status()).addresses == nil)
  }

  @Test func `nothing is larger than the CRDs allow, whatever was found`() throws {
    let long = String(repeating: "é😀", count: 5000)
    let addresses = (0..<200).compactMap { IPAddress("10.0.0.\($0)") }
    let status = status(
      "EgressRoute", isAccepted: false, Array(repeating: finding(.unknownField, long), count: 100),
      addresses: addresses)
    let published = PublishedStatus(status)
    #expect(published.diagnostics?.count == 16)
    #expect(published.addresses?.count == 64)
    let texts = (published.conditions ?? []).map(\.message) + (published.diagnostics ?? []).map(\.message)
    #expect(texts.allSatisfy { $0.utf8.count <= 1024 })
    let accepted = try #require(published.condition(.accepted))
    #expect(accepted.message.hasSuffix("… (and 99 more: see status.diagnostics)"))
  }

  @Test(arguments: DiagnosticCode.allCases) func `a code is a reason as Kubernetes takes it`(code: DiagnosticCode) {
    let status = status(isAccepted: false, [finding(code)])
    let reason = PublishedStatus(status).condition(.accepted)?.reason
    #expect(reason?.wholeMatch(of: /[A-Z][A-Za-z0-9]*/) != nil)
  }

  @Test(arguments: [("", 4), ("abcd", 4), ("abcde", 4), ("ééé", 5), ("😀😀", 4), ("a\u{301}\u{301}\u{301}", 5)])
  func `a text is cut between letters, and not if it fits`(text: String, limit: Int) {
    let cut = text.bounded(to: limit)
    #expect(cut.utf8.count <= limit)
    #expect(text.utf8.count <= limit ? cut == text : cut.hasSuffix("…"))
  }

  @Test func `a status that is not as it should be counts as none`() {
    #expect(StoredObject(#"{"metadata":{"uid":"u"},"status":{"conditions":7}}"#)?.status == nil)
    #expect(StoredObject(#"{"metadata":{"uid":"u"},"status":{}}"#)?.status == PublishedStatus())
    #expect(StoredObject(#"{"metadata":{}}"#) == nil)
  }

  @Test func `the kinds are found where their CRDs put them`() {
    func path(_ kind: String, _ name: String) -> String? { CustomObject.Key(kind: kind, name: name).path }
    let root = "/apis/egress.aibang.com/v1alpha1/"
    #expect(path("SteeringZone", "a.b") == root + "steeringzones/a.b")
    #expect(path("EgressRoute", "a") == root + "egressroutes/a")
    #expect(path("EgressPolicy", "a") == root + "egresspolicies/a")
    #expect(path("EgressTest", "a") == root + "egresstests/a")
    #expect(path("EgressTest", "../a") == nil)
    #expect(path("EgressTest", "") == nil)
  }
}

@Suite struct TokenBucketTests {
  @Test func `so many at once, then one for each part of a second`() {
    let start = ContinuousClock.now
    var bucket = TokenBucket(capacity: 3, perSecond: 2, at: start)
    let atOnce = (0..<5).map { _ in bucket.take(at: start) }
    #expect(atOnce == [true, true, true, false, false])
    let later = (0..<2).map { _ in bucket.take(at: start + .milliseconds(500)) }
    #expect(later == [true, false])
    let muchLater = (0..<5).map { _ in bucket.take(at: start + .seconds(100)) }
    #expect(muchLater == [true, true, true, false, false])
  }

  @Test func `a clock that goes back fills nothing`() {
    let start = ContinuousClock.now
    var bucket = TokenBucket(capacity: 1, perSecond: 1, at: start)
    let taken = [bucket.take(at: start), bucket.take(at: start - .seconds(100))]
    #expect(taken == [true, false])
  }
}
