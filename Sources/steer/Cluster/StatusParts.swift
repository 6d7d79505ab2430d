import Control
import KubernetesAPI
import Logging
import Steering

/// What tells the policy's objects what became of them: of several replicas one, which is elected.
struct StatusParts: Sendable {
  private let election: LeaderElection
  private let writer: StatusWriter

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
  func run() async {
    await withTaskGroup { group in
      group.addTask { await election.run() }
      group.addTask { await writer.run() }
    }
  }

  /// Has written what came of a load, soon.
  func update(_ outcome: LoadOutcome) async {
    await writer.update(
      outcome.statuses, of: outcome.objects, generation: outcome.generation)
  }
}
