import Control
import KubernetesAPI
import Logging
import Steering

/// What is read of a cluster and told to it, wired together.
struct ClusterParts: Sendable {
  /// What is read.
  let watch: ClusterWatch
  /// What tells the policy's objects what became of them; nil if nothing does.
  let status: StatusParts?
  /// What is kept for a start without the API server; nil if nothing is.
  let store: StateStore?
  /// What says when the API server is away, and when it is back.
  let outages: OutageLog
  let logger: Logger
  private let client: KubernetesClient
  private let running: Task<Void, Never>

  /// Starts to list and watch what the settings say; throws if they do not say how the API server is reached.
  ///
  /// `stateFolder`, which is there, is where state is kept.
  init(_ settings: ClusterSettings, stateFolder: String? = nil, logger: Logger) throws {
    let client = try KubernetesClient(logger: logger) { () throws(ClusterAccessError) in try settings.access() }
    let watch = ClusterWatch(
      client, readsPolicy: settings.readsPolicy, readsInventory: settings.readsInventory)
    let status =
      settings.tellsObjects ? StatusParts(client, podName: settings.podName, logger: logger) : nil
    self.client = client
    self.watch = watch
    self.status = status
    self.logger = logger
    outages = OutageLog(watch.freshness, logger: logger)
    store = stateFolder.map { StateStore(folder: $0, logger: logger) }
    running = Task {
      await withTaskGroup { group in
        group.addTask { await watch.run() }
        if let status { group.addTask { await status.run() } }
      }
    }
  }

  /// Has `publisher` serve what changes, and tells and keeps what comes of it, until the task is cancelled.
  func follow(_ publisher: Publisher, admin: AdminParts?) async {
    await withTaskGroup { group in
      group.addTask { await watch.follow(publisher) }
      group.addTask { await outages.run() }
      if let pods = watch.pods { group.addTask { await pods.follow(publisher) } }
      if let store {
        let state = ServedState(publisher, livePods: watch.pods, freshness: watch.freshness)
        group.addTask { await store.run(state) }
      }
      group.addTask {
        for await outcome in await publisher.outcomes() {
          await status?.update(outcome)
          admin?.show(outcome)
        }
      }
    }
  }

  /// Watches no more, gives back what was held, and closes the connections.
  func stop() async {
    running.cancel()
    await running.value
    await client.shutdown()
  }
}
