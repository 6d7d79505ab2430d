import Control
import KubernetesAPI
import Logging
import Steering

/// What tells the policy's objects what became of them: of several replicas one, which is elected.
struct StatusParts: Sendable {
  private let election: LeaderElection
  private let writer: StatusWriter
  /// Says that this replica may stand for election.
  private let standing = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

  /// Parts that write through `client`, as the pod `name`.
  init(_ client: KubernetesClient, podName: String, logger: Logger) {
    let election = LeaderElection(
      .init(namespace: client.access.namespace, identity: podName), requests: client, logger: logger)
    self.election = election
    writer = StatusWriter(requests: client, instance: podName, logger: logger) { election.isLeader }
  }

  /// Whether this replica is the one that writes.
  var isLeader: Bool { election.isLeader }

  /// Stands for election and writes until the task is cancelled.
  ///
  /// A replica that does not serve what others do leaves it to them to tell what serves.
  func run() async {
    await withTaskGroup { group in
      group.addTask {
        for await _ in standing.stream { break }
        await election.run()
      }
      group.addTask { await writer.run() }
    }
  }

  /// Has written what came of a load, soon.
  func update(_ outcome: LoadOutcome) async {
    if outcome.failure == nil || outcome.statuses.contains(where: \.isWithoutOthers) { standing.continuation.yield() }
    await writer.update(
      outcome.statuses, of: outcome.objects, generation: outcome.generation)
  }
}
