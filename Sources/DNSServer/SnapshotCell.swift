import Steering
import Synchronization

/// Where the publisher leaves a snapshot and each reader picks it up.
///
/// Readers compare an atomic number, once per batch of queries, and take the lock only when it changed.
final class SnapshotCell: Sendable {
  private let snapshot: Mutex<Snapshot>
  private let version = Atomic<UInt64>(1)

  init(_ snapshot: Snapshot) {
    self.snapshot = Mutex(snapshot)
  }

  /// Leaves a snapshot for all readers.
  func publish(_ new: Snapshot) {
    snapshot.withLock { $0 = new }
    version.add(1, ordering: .releasing)
  }

  /// The snapshot, if it is another than that of version `known`, which is brought up to date.
  @inline(__always)
  func take(ifNewerThan known: inout UInt64) -> Snapshot? {
    let current = version.load(ordering: .acquiring)
    guard current != known else { return nil }
    known = current
    return snapshot.withLock { $0 }
  }

  /// The snapshot as it is now.
  var current: Snapshot { snapshot.withLock { $0 } }
}
