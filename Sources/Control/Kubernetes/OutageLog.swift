public import Logging

/// Says in the log when what is served of a cluster ceases to be live, and when it is live again.
///
/// It is live as long as `Freshness.staleness`, which `/readyz` tells, is nil.
public actor OutageLog {
  /// The time between two looks.
  private static let pause = Duration.seconds(1)

  private let freshness: Freshness
  private let logger: Logger
  /// How old what is served was when it was last looked at; nil if it was live.
  private var staleness: Double?

  /// A log of what is live now.
  public init(_ freshness: Freshness, logger: Logger) {
    self.freshness = freshness
    self.logger = logger
  }

  /// Takes note that what serves was kept `age` seconds ago, as is logged: its end alone is news.
  public func noteKept(age: Double) { staleness = age }

  /// Says what changes until it is cancelled.
  public func run() async {
    while !Task.isCancelled {
      let wasLive = freshness.staleness == nil
      // All watches break at one time, and what is heard again at once is no loss: what counts lasts for two looks.
      try? await Task.sleep(for: Self.pause)
      if !Task.isCancelled, wasLive == (freshness.staleness == nil) { look() }
    }
  }

  /// Looks how it is now, and says what changed.
  func look() {
    let now = freshness.staleness
    if now != nil, staleness == nil {
      logger.warning(
        "the API server cannot be heard; what it told last serves on",
        metadata: GroupedCauses(lost: freshness.states).map { ["reason": "\($0)"] })
    } else if now == nil, let staleness {
      logger.info(
        "the API server is heard again; what serves is live", metadata: ["staleSeconds": "\(Int(staleness))"])
    }
    staleness = now
  }
}
