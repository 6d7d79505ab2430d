import Foundation
import KubernetesAPI

/// What the writer knows of one object: what its status says, and what it must say.
struct ObjectRecord {
  /// Which object of its name.
  let uid: String
  /// What it must say, as a gist.
  private(set) var wanted: PublishedStatus
  /// What its status says, as far as is known.
  private var said: PublishedStatus?
  /// Which version of it was told last.
  private var version: String
  /// Until when it is left alone, because it was written a moment ago.
  private var restsUntil: ContinuousClock.Instant?
  /// What the API server did not take, and would not take now either.
  private var refused: PublishedStatus?
  /// How often in a row it failed to be written.
  private(set) var failures = 0
  /// Why it did last.
  private(set) var fault: APIFault?

  /// A record of an object that must say `wanted`.
  init(_ object: CustomObject, wanted: PublishedStatus) {
    uid = object.uid
    version = object.resourceVersion
    said = StoredObject(object.json)?.status?.gist
    self.wanted = wanted
  }

  /// Takes the object as it is told now, and what it must say.
  ///
  /// It may be older than what was written last, and then says something else: that is seen when it is read before the
  /// next write, which then is none.
  mutating func see(_ object: CustomObject, wanted: PublishedStatus) {
    self.wanted = wanted
    guard object.resourceVersion != version else { return }
    version = object.resourceVersion
    said = StoredObject(object.json)?.status?.gist
  }

  /// Forgets what its status says: it is read before it is written.
  mutating func forget() { said = nil }

  /// Whether it must be written, and may be now.
  func isDue(at now: ContinuousClock.Instant) -> Bool {
    said != wanted && refused != wanted && restsUntil.map { now >= $0 } ?? true
  }

  /// Takes what its status is known to say, and lets it rest.
  mutating func settle(_ status: PublishedStatus?, until time: ContinuousClock.Instant) {
    said = status?.gist
    restsUntil = time
    (failures, fault) = (0, nil)
  }

  /// The API server failed at it; lets it rest, twice as long each time.
  mutating func fail(
    _ fault: APIFault, at now: ContinuousClock.Instant, resting rest: Duration, atMost longest: Duration
  ) {
    // 2¹⁶ times any rest is longer than the longest.
    restsUntil = now + min(rest * (1 << min(failures, 16)), longest)
    failures &+= 1
    self.fault = fault
  }

  /// Lets it rest although it does not say what it must: it is gone, as far as the API server knows.
  mutating func rest(until time: ContinuousClock.Instant) { restsUntil = time }

  /// The API server does not take what it must say.
  mutating func refuse(_ status: PublishedStatus) { refused = status }
}
