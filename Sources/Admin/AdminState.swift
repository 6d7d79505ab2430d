import Control
import Steering
import Synchronization

/// What is known of the running server, gathered for who asks.
final class AdminState: Sendable {
  private struct Content {
    var phase = Phase.starting
    var snapshot: Snapshot?
    var parts: ServingParts?
    var held: [ServerStatus.HeldObject] = []
    var failure: String?
  }

  /// Where the server is between its start and its end.
  private enum Phase {
    case starting, serving, draining
  }

  /// How fresh what is known of a cluster is; nil if everything comes from files.
  let freshness: Freshness?
  private let content = Mutex(Content())

  init(freshness: Freshness?) {
    self.freshness = freshness
  }

  /// The snapshot that serves; nil before there is one.
  var snapshot: Snapshot? {
    get { content.withLock { $0.snapshot } }
    set { content.withLock { $0.snapshot = newValue } }
  }

  /// The objects that are held back.
  var held: [ServerStatus.HeldObject] { content.withLock { $0.held } }

  /// Takes note of what came of the last load.
  func show(held: [ServerStatus.HeldObject], failure: String?) {
    content.withLock { ($0.held, $0.failure) = (held, failure) }
  }

  /// What the parts tell; nil before they serve.
  var parts: ServingParts? { content.withLock { $0.parts } }

  /// Takes note that the parts serve.
  func begin(_ parts: ServingParts) {
    content.withLock {
      $0.parts = parts
      $0.phase = .serving
    }
  }

  /// Takes note that they come to their end.
  func drain() {
    content.withLock { $0.phase = .draining }
  }

  /// How the server is now.
  var status: ServerStatus {
    get async {
      let content = content.withLock { $0 }
      let states = freshness?.states ?? []
      let obstacle = Self.obstacle(content, states)
      var status = ServerStatus(ready: obstacle == nil, pods: content.snapshot?.pods.count ?? 0)
      status.generation = content.snapshot?.generation.description
      status.resources = states.map(ServerStatus.Resource.init)
      status.stale = obstacle == nil ? freshness?.staleness : nil
      status.reason =
        obstacle ?? status.stale.map { "stale \(Int($0)) s: the API server cannot be heard" } ?? content.failure
      status.held = content.held
      status.failure = content.failure
      status.leader = await content.parts?.isLeader()
      return status
    }
  }

  /// Why clients are not answered; nil if they are.
  private static func obstacle(_ content: Content, _ states: [Freshness.State]) -> String? {
    switch content.phase {
    case .draining: return "draining"
    case .serving where content.snapshot != nil: return nil
    case .serving, .starting:
      let missing = states.filter { !$0.isSynchronized }
      if missing.isEmpty { return content.failure ?? "starting" }
      return "synchronizing " + missing.map { "\($0.resource.rawValue) \($0.count)" }.joined(separator: ", ")
        + (GroupedCauses(lost: states).map { "; \($0)" } ?? "")
    }
  }
}
