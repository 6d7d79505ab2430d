import Glibc
public import Logging
public import SteeringPolicy
import Synchronization

/// Knows which parent proxies are up: each is checked in its interval, once for all routes that check it the same way.
///
/// A parent that was not checked yet counts as up. The first check decides at once; after it, one success says that a
/// parent is up again, and two failures in a row that it is down.
public final class ParentHealth: ParentStatus {
  /// A parent, as it was last found.
  public struct State: Sendable {
    /// The proxy.
    public let parent: EgressRoute.ParentProxy
    /// How it is checked.
    public let check: EgressRoute.HealthCheck
    /// Whether it is used.
    public var isUp = true
    /// Whether it was checked at all.
    public var isChecked = false
    /// When it was found to be what it is, in seconds since 1970; nil before the first check.
    public var since: Int64?
    /// Why the last check failed; nil if it did not.
    public var lastError: String?
    /// How long the last check took that did not fail.
    public var latency: Duration?

    /// A parent that was not checked yet.
    public init(parent: EgressRoute.ParentProxy, check: EgressRoute.HealthCheck) {
      self.parent = parent
      self.check = check
    }
  }

  private struct Subject: Hashable, Sendable {
    let parent: EgressRoute.ParentProxy
    let check: EgressRoute.HealthCheck
  }

  private struct Watch {
    var state: State
    /// Failures since the last success.
    var failures = 0
    /// When the next check is due.
    var due: ContinuousClock.Instant
    var isBeingChecked = false
  }

  /// How many checks may run at once.
  private static let concurrency = 128
  /// How often it is looked for checks that are due.
  private static let tick = Duration.milliseconds(50)
  /// How much earlier or later than its interval a check is made, so that they do not all come at once.
  private static let jitter = 0.9...1.1

  private let logger: Logger
  private let probe: ParentProbe
  /// What is taken for a second: tests are in more of a hurry.
  private let second: Duration
  private let watches = Mutex<[Subject: Watch]>([:])

  /// No parents yet.
  public convenience init(logger: Logger) {
    self.init(logger: logger, second: .seconds(1))
  }

  init(logger: Logger, second: Duration, probe: ParentProbe = ParentProbe()) {
    self.logger = logger
    self.second = second
    self.probe = probe
  }

  /// Checks the parents of these routes from now on, and no others.
  public func follow(_ routes: [EgressRoute]) {
    let subjects = Set(
      routes.flatMap { route in route.parentProxies.map { Subject(parent: $0, check: route.healthCheck) } })
    watches.withLock { watches in
      watches = watches.filter { subjects.contains($0.key) }
      for subject in subjects where watches[subject] == nil {
        watches[subject] = Watch(state: State(parent: subject.parent, check: subject.check), due: .now)
      }
    }
  }

  /// Whether a parent is up; one that is not followed, or was not checked yet, counts as up.
  public func isUp(_ parent: EgressRoute.ParentProxy, checkedBy check: EgressRoute.HealthCheck) -> Bool {
    watches.withLock { $0[Subject(parent: parent, check: check)]?.state.isUp ?? true }
  }

  /// The parents that are followed, by host and port.
  public var states: [State] {
    watches.withLock { $0.values.map(\.state) }.sorted { left, right in
      (left.parent.host, left.parent.port, left.check.connect?.host ?? "")
        < (right.parent.host, right.parent.port, right.check.connect?.host ?? "")
    }
  }

  /// Checks until the task is cancelled.
  public func run() async {
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        for subject in takeDue() {
          group.addTask {
            let result = await self.probe.check(
              subject.parent, asking: subject.check.connect,
              within: self.second * Int(clamping: subject.check.timeout))
            self.record(result, of: subject)
          }
        }
        // Whichever check is due next, of those that are followed by then. Cancelled, it ends, and so does the loop.
        try? await Task.sleep(for: Self.tick)
      }
    }
    watches.withLock { watches in
      for subject in watches.keys { watches[subject]?.isBeingChecked = false }
    }
  }

  /// The checks that are due, those first that are due for longest, and as many as may run.
  private func takeDue() -> [Subject] {
    let now = ContinuousClock.now
    return watches.withLock { watches in
      let room = Self.concurrency - watches.values.count(where: \.isBeingChecked)
      let due = watches.filter { !$0.value.isBeingChecked && $0.value.due <= now }
        .sorted { $0.value.due < $1.value.due }.prefix(max(0, room)).map(\.key)
      for subject in due { watches[subject]?.isBeingChecked = true }
      return due
    }
  }

  private func record(_ result: ParentProbe.Result, of subject: Subject) {
    let change: State? = watches.withLock { watches in
      // Followed no more.
      guard var watch = watches[subject] else { return nil }
      defer { watches[subject] = watch }
      watch.isBeingChecked = false
      let before = watch.state
      switch result {
      case .cancelled: return nil
      case .up(let latency):
        watch.failures = 0
        watch.state.isUp = true
        watch.state.latency = latency
        watch.state.lastError = nil
      case .failed(let error):
        watch.failures += 1
        watch.state.lastError = error
        if watch.failures > 1 || !before.isChecked { watch.state.isUp = false }
      }
      let interval = second * Int(clamping: subject.check.interval)
      // One that failed for the first time is soon checked again: until it is down, requests are sent to it.
      let isInDoubt = watch.state.isUp && watch.failures > 0
      watch.due = .now + (isInDoubt ? min(interval, second) : interval * Double.random(in: Self.jitter))
      watch.state.isChecked = true
      let hasChanged = !before.isChecked || before.isUp != watch.state.isUp
      if hasChanged { watch.state.since = Int64(time(nil)) }
      return hasChanged ? watch.state : nil
    }
    if let change { log(change, of: subject) }
  }

  private func log(_ state: State, of subject: Subject) {
    var metadata: Logger.Metadata = ["parent": "\(subject.parent.host):\(subject.parent.port)"]
    if let connect = subject.check.connect { metadata["connect"] = "\(connect.host):\(connect.port)" }
    if let error = state.lastError { metadata["reason"] = "\(error)" }
    if state.isUp {
      logger.notice("a parent proxy is up", metadata: metadata)
    } else {
      logger.error("a parent proxy is down", metadata: metadata)
    }
  }
}
