import Synchronization

/// What policies in Report mode would have denied, gathered until it is logged.
///
/// Workers add to it only for such a query or connection, so its lock is off the path of all others. Bounded: what does not fit is
/// only counted.
public final class ReportLog: Sendable {
  /// How many distinct reports are kept between two drains.
  static let capacity = 1024

  private struct State {
    var counts: [Report: UInt64] = [:]
    var dropped: UInt64 = 0
  }

  private let state = Mutex(State())

  /// An empty log.
  public init() {}

  /// Adds one report.
  public func add(_ report: Report) {
    state.withLock { state in
      if state.counts[report] == nil, state.counts.count >= Self.capacity {
        state.dropped += 1
      } else {
        state.counts[report, default: 0] += 1
      }
    }
  }

  /// What was reported since the last call, how often, and how many reports did not fit.
  public func drain() -> (counts: [Report: UInt64], dropped: UInt64) {
    state.withLock { state in
      defer { state = State() }
      return (state.counts, state.dropped)
    }
  }
}
