import Foundation
import KubernetesAPI

/// What is told as Events (`events.k8s.io/v1`): a refusal that was told already is counted, not told anew.
struct ObjectEvents {
  /// What makes two Events the same.
  private struct Matter: Hashable {
    var uid: String
    var reason: String
    var note: String
  }

  /// An Event that is there.
  private struct Series {
    var name: String
    var count: Int
    var last: ContinuousClock.Instant
  }

  /// Where Events of objects without a namespace are kept; the API server takes them nowhere else.
  private static let path = "/apis/events.k8s.io/v1/namespaces/default/events"
  /// How long an Event is counted on: the API server forgets one an hour after it was last written.
  private static let memory = Duration.seconds(1800)
  /// How many Events are remembered.
  private static let capacity = 256

  private let instance: String
  private var series: [Matter: Series] = [:]
  /// A policy that is broken in a thousand places needs no thousand Events: the status of each object says it too.
  private var bucket = TokenBucket(capacity: 20, perSecond: 0.3)

  /// The Events of a replica.
  init(instance: String) {
    // The API server takes no longer one.
    self.instance = String(instance.prefix(128))
  }

  /// The request that tells that an object was refused; nil if Events were told too often of late.
  mutating func refusal(
    of key: CustomObject.Key, uid: String, _ condition: PublishedStatus.Condition,
    at now: ContinuousClock.Instant = .now
  ) -> APIRequest? {
    guard bucket.take(at: now) else { return nil }
    series = series.filter { now - $0.value.last < Self.memory }
    let matter = Matter(uid: uid, reason: condition.reason, note: condition.message)
    if var again = series[matter] {
      again.count &+= 1
      again.last = now
      series[matter] = again
      return APIRequest(
        method: .patch, path: "\(Self.path)/\(again.name)", contentType: "application/merge-patch+json",
        body: ["series": ["count": again.count, "lastObservedTime": KubernetesTime.microseconds()]].json)
    }
    if series.count >= Self.capacity, let oldest = series.min(by: { $0.value.last < $1.value.last }) {
      series[oldest.key] = nil
    }
    let name = "steer.\(String(UInt64.random(in: .min ... .max), radix: 16))"
    series[matter] = Series(name: name, count: 1, last: now)
    let event: [String: Any] = [
      "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": ["name": name, "namespace": "default"],
      "eventTime": KubernetesTime.microseconds(), "reportingController": "egress.aibang.com/steer",
      "reportingInstance": instance, "type": "Warning", "action": "Refuse", "reason": condition.reason,
      "note": condition.message,
      "regarding": ["apiVersion": CustomObject.Key.apiVersion, "kind": key.kind, "name": key.name, "uid": uid],
    ]
    return APIRequest(method: .post, path: Self.path, body: event.json)
  }

  /// Forgets an Event that is not there, so that the next is told anew.
  mutating func forget(uid: String, _ condition: PublishedStatus.Condition) {
    series[Matter(uid: uid, reason: condition.reason, note: condition.message)] = nil
  }
}

extension [String: Any] {
  /// As JSON; nil if it holds what JSON cannot say.
  fileprivate var json: [UInt8]? {
    JSONSerialization.isValidJSONObject(self)
      ? (try? JSONSerialization.data(withJSONObject: self)).map { [UInt8]($0) } : nil
  }
}
