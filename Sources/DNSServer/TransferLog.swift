public import Steering
import Synchronization

/// What became of zone transfers and signatures, gathered until it is logged.
///
/// Bounded, for anyone can send a bad signature: what does not fit is only counted.
public final class TransferLog: Sendable {
  /// How many distinct events are kept between two drains.
  static let capacity = 64

  private struct State {
    var counts: [TransferEvent: UInt64] = [:]
    var dropped: UInt64 = 0
  }

  private let state = Mutex(State())

  /// An empty log.
  public init() {}

  /// Adds one event.
  func add(_ event: TransferEvent) {
    state.withLock { state in
      if state.counts[event] == nil, state.counts.count >= Self.capacity {
        state.dropped += 1
      } else {
        state.counts[event, default: 0] += 1
      }
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
