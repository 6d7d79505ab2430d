public import DNSWire
public import KubernetesAPI
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

  /// The pods by address, and whether they are known completely.
  public var current: (index: PodIndex, areSynchronized: Bool) { (table.index, table.isSynchronized) }

  /// Takes what was told.
  func apply(_ new: [Change<Pod>]) {
    let wasSynchronized = table.isSynchronized
    let isChanged = table.apply(new)
    freshness.note(new, of: .pods, count: table.count)
    if isChanged || table.isSynchronized != wasSynchronized { changed.yield() }
  }

  /// Puts the live pods over others from now on: those of files, and the addresses of nodes there.
  func replaceBase(_ pods: [Inventory.Pod], nodes: [IPAddress]) {
    table.replaceBase(pods, nodes: nodes)
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
