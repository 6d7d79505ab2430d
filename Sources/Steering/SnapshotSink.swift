/// A part that serves from the snapshot and takes a new one.
///
/// A generation is published in three steps, each for every sink before the next: what it needs is made ready, it is
/// served from, and what only the generation before needed goes.
public protocol SnapshotSink: Sendable {
  /// Makes ready what serving from `snapshot` needs, beside what serves now; or throws, and `snapshot` is not published.
  func prepare(_ snapshot: Snapshot) async throws
  /// Serves from `snapshot` from now on, or throws and goes on with the one before.
  func publish(_ snapshot: Snapshot) async throws
  /// Every sink serves from `snapshot`: lets go of what only the one before needed.
  func settle(_ snapshot: Snapshot) async
}

extension SnapshotSink {
  /// Nothing has to be ready.
  public func prepare(_ snapshot: Snapshot) async throws {}
  /// Nothing was kept.
  public func settle(_ snapshot: Snapshot) async {}
}
