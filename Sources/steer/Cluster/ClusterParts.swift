import Control
import KubernetesAPI
import Logging
import Steering

/// What is read of a cluster, wired together.
struct ClusterParts: Sendable {
  /// What is read.
  let watch: ClusterWatch
  private let client: KubernetesClient
  private let watching: Task<Void, Never>
  let logger: Logger

  /// Starts to list and watch what the settings say; throws if they do not say how the API server is reached.
  init(_ settings: ClusterSettings, logger: Logger) throws {
    let client = try KubernetesClient(settings.access(), logger: logger)
    let watch = ClusterWatch(
      client, readsPolicy: settings.readsPolicy, readsInventory: settings.readsInventory)
    self.client = client
    self.watch = watch
    self.logger = logger
    watching = Task { await watch.run() }
  }

  /// Has `publisher` serve what changes, until the task is cancelled.
  func follow(_ publisher: Publisher) async {
    await withTaskGroup { group in
      group.addTask { await watch.follow(publisher) }
      if let pods = watch.pods { group.addTask { await pods.follow(publisher) } }
    }
  }

  /// Watches no more, and closes the connections.
  func stop() async {
    watching.cancel()
    await watching.value
    await client.shutdown()
  }
}
