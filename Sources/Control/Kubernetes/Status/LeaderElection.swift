public import Logging
import Synchronization

/// Finds one leader among replicas by a Lease, by the rules of Kubernetes' own controllers (client-go).
///
/// Whether the leader is this one lapses by itself: after `renewDeadline` without a renewal nothing is written any more,
/// although the Lease still keeps others off for a while. Clocks are never compared between replicas.
public actor LeaderElection {
  /// Which Lease it is, and how it is held.
  public struct Settings: Sendable {
    /// The Lease's namespace: Steer's own.
    public var namespace: String
    /// The Lease's name.
    public var name = "steer"
    /// Who this is, unlike every other replica: the pod's name.
    public var identity: String
    /// How long others must see no renewal before they may take the Lease.
    public var duration = Duration.seconds(15)
    /// How long the leader may not have renewed it and still be the leader.
    public var renewDeadline = Duration.seconds(10)
    /// The time between two tries.
    public var retryPause = Duration.seconds(2)

    /// The settings that Kubernetes' own controllers have.
    public init(namespace: String, identity: String) {
      self.namespace = namespace
      self.identity = identity
    }
  }

  /// A replica that stands for election when it runs.
  public init(_ settings: Settings, requests: any APIRequests, logger: Logger) {}

  /// Stands for election until it is cancelled, and then gives the Lease back.
  public func run() async {}

  /// Whether this replica is the leader now.
  public nonisolated var isLeader: Bool { false }
}
