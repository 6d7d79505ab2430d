public import KubernetesAPI
public import Logging
public import Steering

/// Writes what became of the custom objects into their status, and tells refusals as Events.
///
/// Writes only what differs from what an object says already, only on the leader, and not faster than its limits.
public actor StatusWriter {
  /// A writer that sends to `requests` whenever `isLeader` says so; `instance` is the pod's name.
  public init(
    requests: any APIRequests, instance: String, logger: Logger, isLeader: @escaping @Sendable () -> Bool
  ) {}

  /// Takes what a load found out about `objects`; it is written by `run`, soon.
  ///
  /// `isProgrammed` says whether `generation`, which was made of it, serves.
  public func update(
    _ statuses: [ObjectStatus], of objects: [CustomObject], generation: Generation, isProgrammed: Bool
  ) {}

  /// Writes until it is cancelled.
  public func run() async {}
}
