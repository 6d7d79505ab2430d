public import Control
public import DNSWire
public import Logging
public import Steering

/// Tells over HTTP whether the server is alive and ready, what it counted, and why a client is answered as it is.
///
/// It is up before the first snapshot: who starts and watches the server asks it from the start.
public final class AdminServer: SnapshotSink {
  /// Why it cannot be had.
  public struct Fault: Error, CustomStringConvertible {
    /// Why, and what to do.
    public let description: String
  }

  /// Where it listens, with the port that it was given.
  public let endpoint: Endpoint
  private let state: AdminState
  private let listening: Task<Void, Never>

  /// Listens at `endpoint`, a port 0 replaced by a free one; throws a `Fault` if it cannot be had.
  ///
  /// `freshness` is that of what is watched of a cluster; nil if everything comes from files.
  public convenience init(at endpoint: Endpoint, freshness: Freshness? = nil, logger: Logger) async throws {
    try await self.init(at: endpoint, freshness: freshness, limits: ConnectionLimits(), logger: logger)
  }

  /// Listens with other limits.
  init(at endpoint: Endpoint, freshness: Freshness?, limits: ConnectionLimits, logger: Logger) async throws {
    state = AdminState(freshness: freshness)
    let listener = AdminListener(state, at: endpoint, limits: limits, logger: logger)
    listening = try await listener.start()
    self.endpoint = listener.endpoint
  }

  /// Takes note that a snapshot serves.
  public func publish(_ snapshot: Snapshot) {
    state.snapshot = snapshot
  }

  /// Takes note that clients are answered, by parts that tell of themselves; with a snapshot the server is ready now.
  public func begin(_ parts: ServingParts) {
    state.begin(parts)
  }

  /// Takes note of what came of the last load: the objects that are held back, and why it does not serve, if it does not.
  public func show(held: [ServerStatus.HeldObject], failure: String?) {
    state.show(held: held, failure: failure)
  }

  /// Takes note that clients will be answered no more: the server is not ready from now on.
  public func drain() {
    state.drain()
  }

  /// Closes every connection and the port.
  public func stop() async {
    listening.cancel()
    await listening.value
  }
}
