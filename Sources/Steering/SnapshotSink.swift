/// A part that serves from the snapshot and takes a new one.
public protocol SnapshotSink: Sendable {
  /// Serves from `snapshot` from now on, or throws and goes on with the one before.
  func publish(_ snapshot: Snapshot) async throws
}
