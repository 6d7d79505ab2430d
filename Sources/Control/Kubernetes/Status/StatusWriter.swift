import Foundation
public import KubernetesAPI
public import Logging
public import Steering

/// Writes what became of the custom objects into their status, and tells refusals as Events.
///
/// Writes only what differs from what an object says already, only where it leads, and not faster than its limits. A
/// write is a server-side apply: conditions that others wrote stay.
public actor StatusWriter {
  /// How fast it writes.
  public struct Limits: Sendable {
    /// How many writes at once, when none was for long.
    public var burst = 20.0
    /// How many writes a second.
    public var perSecond = 10.0
    /// The time between two looks at what is to be written: what changes in between is written once.
    public var pause = Duration.seconds(1)
    /// How long an object is left alone after it was written, or failed to be for the first time.
    public var rest = Duration.seconds(5)
    /// How many objects may fail in a row before the API server is taken to fail at all of them.
    public var failures = 3
    /// The longest pause after failures, and the longest that an object is left alone.
    public var longestPause = Duration.seconds(60)

    /// The limits for a cluster.
    public init() {}
  }

  private let requests: any APIRequests
  private let logger: Logger
  private let isLeader: @Sendable () -> Bool
  private let limits: Limits
  private var records: [CustomObject.Key: ObjectRecord] = [:]
  private var served = PublishedStatus.Served(digest: "", serial: 0)
  private var bucket: TokenBucket
  private var events: ObjectEvents
  /// Whether another may have written since the objects were told.
  private var hasFollowed = false
  private var lastFault: APIFault?

  /// A writer that sends to `requests` while `isLeader`; `instance` is the pod's name.
  public init(
    requests: any APIRequests, instance: String, limits: Limits = Limits(), logger: Logger,
    isLeader: @escaping @Sendable () -> Bool
  ) {
    self.requests = requests
    self.logger = logger
    self.limits = limits
    self.isLeader = isLeader
    bucket = TokenBucket(capacity: limits.burst, perSecond: limits.perSecond)
    events = ObjectEvents(instance: instance)
  }

  /// Takes what a load found out about `objects`, all of them; it is written by `run`, soon.
  public func update(
    _ statuses: [ObjectStatus], of objects: [CustomObject], generation: Generation
  ) {
    served = PublishedStatus.Served(digest: generation.digest, serial: generation.serial)
    let objects = Dictionary(objects.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
    var updated: [CustomObject.Key: ObjectRecord] = [:]
    for status in statuses {
      guard let object = objects[status.key], object.uid == status.uid else { continue }
      let wanted = PublishedStatus(status)
      guard var record = records[status.key], record.uid == status.uid else {
        updated[status.key] = ObjectRecord(object, wanted: wanted)
        continue
      }
      record.see(object, wanted: wanted)
      updated[status.key] = record
    }
    records = updated
  }

  /// Writes until it is cancelled.
  public func run() async {
    var pause = limits.pause
    while !Task.isCancelled {
      // By time, not by change: what changes together is written together, and nothing tells when this replica leads.
      try? await Task.sleep(for: pause)
      pause = await writeDue() ? limits.pause : min(pause * 2, limits.longestPause) * Double.random(in: 0.8...1)
    }
  }

  /// Writes what is due, as far as the limits let it; false if the API server takes nothing now.
  func writeDue() async -> Bool {
    guard isLeader() else {
      hasFollowed = !records.isEmpty
      return true
    }
    if hasFollowed {
      // Nobody is told here what another wrote: each object is read again, and written only if it says something else.
      hasFollowed = false
      for key in records.keys { records[key]?.forget() }
    }
    let now = ContinuousClock.now
    let due = records.filter { $0.value.isDue(at: now) }.sorted { Self.goesBefore($0, $1) }
    var failures = 0
    for (key, record) in due {
      guard isLeader(), !Task.isCancelled, bucket.take() else { break }
      do throws(APIFault) {
        try await write(key, record)
        failures = 0
        lastFault = nil
      } catch {
        if error != lastFault, error != record.fault, !Task.isCancelled { log(error, about: key) }
        lastFault = error
        guard error.isPassing else {
          change(key, record) { $0.refuse(record.wanted) }
          continue
        }
        change(key, record) { $0.fail(error, at: .now, resting: limits.rest, atMost: limits.longestPause) }
        failures += 1
        if error.concernsAll || failures == limits.failures { return false }
      }
    }
    return true
  }

  /// Whether an object is written before another: what failed less often, so that nothing waits for what always fails.
  private static func goesBefore(
    _ left: (key: CustomObject.Key, value: ObjectRecord), _ right: (key: CustomObject.Key, value: ObjectRecord)
  ) -> Bool {
    if left.value.failures != right.value.failures { return left.value.failures < right.value.failures }
    // Refusals first: somebody waits to hear why nothing changed.
    let refused = (left.value.wanted.isRefused, right.value.wanted.isRefused)
    return refused.0 == refused.1 ? left.key < right.key : refused.0
  }

  /// Reads an object, and writes its status unless it says what it must already.
  private func write(_ key: CustomObject.Key, _ record: ObjectRecord) async throws(APIFault) {
    guard let path = key.path else { return }
    let answer = try await requests.answer(to: APIRequest(method: .get, path: path))
    let rest = ContinuousClock.now + limits.rest
    if answer.status == 404 { return change(key, record) { $0.rest(until: rest) } }
    guard answer.status == 200, let object = StoredObject(Data(answer.body)) else { throw APIFault(answer) }
    // Of another object, or of a later version, something else is to be told, which has not come yet.
    guard object.uid == record.uid, object.generation <= record.wanted.observedGeneration ?? .max else {
      return change(key, record) { $0.rest(until: rest) }
    }
    guard object.status?.gist != record.wanted else {
      return change(key, record) { $0.settle(object.status, until: rest) }
    }
    // Again, because reading took time: a write that begins while this replica leads ends before another can lead.
    guard isLeader() else { return }
    let status = record.wanted.written(after: object.status, serving: served, at: KubernetesTime.seconds())
    let application = StatusApplication.request(path, key, uid: record.uid, status: status)
    let applied = try await requests.answer(to: application)
    // 409: since it was read it became another object of its name.
    if applied.status == 404 || applied.status == 409 { return change(key, record) { $0.rest(until: rest) } }
    guard applied.status == 200 else { throw APIFault(applied) }
    change(key, record) { $0.settle(status, until: rest) }
    await tellRefusal(of: key, record, after: object.status)
  }

  /// Changes the record of an object, unless it became one of another object meanwhile.
  private func change(_ key: CustomObject.Key, _ record: ObjectRecord, _ body: (inout ObjectRecord) -> Void) {
    guard var current = records[key], current.uid == record.uid else { return }
    body(&current)
    records[key] = current
  }

  /// Tells an Event if the object is refused, and was not for the same reason before.
  private func tellRefusal(of key: CustomObject.Key, _ record: ObjectRecord, after before: PublishedStatus?) async {
    guard let condition = record.wanted.condition(.accepted), condition.status == .no else { return }
    let former = before?.condition(.accepted)
    if former?.status == .no, former?.message == condition.message { return }
    guard let request = events.refusal(of: key, uid: record.uid, condition) else { return }
    let answer = try? await requests.answer(to: request)
    // Not tried again: an Event is for those who happen to look, the status stays. One that ran out is told anew next.
    if answer.map({ $0.status >= 300 }) ?? true { events.forget(uid: record.uid, condition) }
  }

  private func log(_ fault: APIFault, about key: CustomObject.Key) {
    logger.warning(
      "a status cannot be written",
      metadata: [
        "object": "\(key.kind)/\(key.name)", "error": "\(fault)",
        "remedy": "\(fault.remedy(verbs: "get, and patch the status of,", of: "objects of egress.aibang.com"))",
      ])
  }
}

extension PublishedStatus {
  fileprivate var isRefused: Bool { condition(.accepted)?.status == .no }
}
