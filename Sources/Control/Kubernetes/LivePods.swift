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

  /// Takes what was told.
  func apply(_ new: [Change<Pod>]) {
    if table.apply(new) { changed.yield() }
    freshness.note(new, of: .pods, count: table.count)
  }

  /// Lets pods that were known `age` seconds ago stand for those that are told, until these are complete.
  public func restore(_ pods: [Pod], age: Double) {
    if table.restore(pods) { changed.yield() }
    freshness.restore([.pods], age: age)
  }

  /// The pods to be kept for another start; nil until they are known completely.
  public var known: KnownPods? {
    guard table.isSynchronized else { return nil }
    let age = freshness.states.first { $0.resource == .pods }?.age
    return KnownPods(table.index.told, version: table.version, age: age ?? 0)
  }

  /// A snapshot as compiled, with these pods over those of files, which `inventory` has.
  public func putOver(_ inventory: Inventory, in compiled: Snapshot) -> Snapshot {
    table.replaceBase(inventory.pods, nodes: inventory.nodes)
    return replaced(in: compiled)
  }

  /// A snapshot with these pods as they are now.
  func replaced(in snapshot: Snapshot) -> Snapshot {
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
