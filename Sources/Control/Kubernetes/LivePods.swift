import KubernetesAPI
public import Steering
public import SteeringPolicy

/// The pods as the API server tells them, over those of the files.
public actor LivePods {
  /// The least time between two publications: at the start a pod may be one of a hundred thousand.
  private static let pause = Duration.milliseconds(20)

  private var table = PodTable()
  private let freshness: Freshness
  /// Says that something changed since it was last looked at.
  private nonisolated let changes: AsyncStream<Void>
  private nonisolated let changed: AsyncStream<Void>.Continuation

  /// Pods of which nothing is known yet.
  init(freshness: Freshness) {
    self.freshness = freshness
    (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Takes what was told.
  func apply(_ new: [Change<Pod>]) {
    let wasSynchronized = table.isSynchronized
    let isChanged = table.apply(new)
    freshness.note(new, of: .pods, count: table.count)
    if isChanged || table.isSynchronized != wasSynchronized { changed.yield() }
  }

  /// A snapshot of `policy` with these pods, over those that the policy has.
  public func over(_ policy: PolicySet, _ snapshot: Snapshot) -> Snapshot {
    table.replaceBase(policy.inventory.pods, nodes: policy.inventory.nodes)
    return snapshot.replacing(pods: table.index, areSynchronized: table.isSynchronized)
  }

  /// A snapshot with these pods.
  func over(_ snapshot: Snapshot) -> Snapshot {
    snapshot.replacing(pods: table.index, areSynchronized: table.isSynchronized)
  }

  /// Publishes the pods to `publisher` whenever they change, until the task is cancelled.
  public nonisolated func follow(_ publisher: Publisher) async {
    for await _ in changes {
      await publisher.refreshPods()
      // Gathers the next ones: a publication costs the same for one as for many. Cancelled, it ends the stream too.
      try? await Task.sleep(for: Self.pause)
    }
  }
}
