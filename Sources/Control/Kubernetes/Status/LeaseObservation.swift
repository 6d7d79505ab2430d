/// What was seen of a Lease and since when, by this replica's own clock.
///
/// A holder is gone when its record did not change for as long as the record says. How long that is, is measured here:
/// the times in the record are another machine's, whose clock may be wrong.
struct LeaseObservation {
  private var record: Lease.Record
  private var since: ContinuousClock.Instant

  /// A Lease that is seen for the first time.
  init(_ record: Lease.Record, at now: ContinuousClock.Instant) {
    self.record = record
    since = now
  }

  /// Takes what is seen now.
  mutating func see(_ record: Lease.Record, at now: ContinuousClock.Instant) {
    if record != self.record { self = LeaseObservation(record, at: now) }
  }

  /// Whether `identity` may take the Lease, or keep it.
  func isFree(for identity: String, at now: ContinuousClock.Instant) -> Bool {
    // What another wrote may be anything; an hour is longer than any holder should have.
    let duration = Duration.seconds(min(max(record.duration, 1), 3600))
    return record.holder.isEmpty || record.holder == identity || now >= since + duration
  }
}
