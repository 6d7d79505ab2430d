public import Steering
import Synchronization

/// What became of zone transfers and signatures, gathered until it is logged.
///
/// Bounded, for anyone can send a bad signature: what does not fit is only counted. Signatures have a bound of their own,
/// so that they leave room for transfers.
public final class TransferLog: Sendable {
  /// How many distinct events of either kind are kept between two drains.
  static let capacity = 64

  private struct State {
    var counts: [TransferEvent: UInt64] = [:]
    var signatures = 0
    var dropped: UInt64 = 0
  }

  private let state = Mutex(State())

  /// An empty log.
  public init() {}

  /// Adds one event.
  func add(_ event: TransferEvent) {
    state.withLock { state in
      guard state.counts[event] == nil else {
        state.counts[event, default: 0] += 1
        return
      }
      let isOfSignature = event.outcome.isOfSignature
      guard (isOfSignature ? state.signatures : state.counts.count - state.signatures) < Self.capacity else {
        state.dropped += 1
        return
      }
      if isOfSignature { state.signatures += 1 }
      state.counts[event] = 1
    }
  }

  /// What there was since the last call, how often, and how many events did not fit.
  public func drain() -> (counts: [TransferEvent: UInt64], dropped: UInt64) {
    state.withLock { state in
      defer { state = State() }
      return (state.counts, state.dropped)
    }
  }
}
