import Steering

/// How often something happened, and when first and last.
struct AuditTally {
  private(set) var count: UInt64 = 0
  private(set) var first: UInt64 = .max
  private(set) var last: UInt64 = 0

  mutating func add(_ milliseconds: UInt64) {
    count += 1
    first = min(first, milliseconds)
    last = max(last, milliseconds)
  }

  /// The tally as it is reported; nil if nothing happened.
  var report: AuditReport.Tally? {
    guard count > 0 else { return nil }
    return AuditReport.Tally(
      count: count, first: LogTime.text(ofMilliseconds: first), last: LogTime.text(ofMilliseconds: last))
  }
}

/// What is kept of a client and a route.
struct AuditState {
  /// What was denied, and why.
  struct Denial: Hashable {
    /// What was asked for.
    enum Subject: String {
      case query, connect
    }

    let of: Subject
    let reason: String
  }

  /// How often something happened, and what the last time was like.
  struct Occurrences {
    private(set) var tally = AuditTally()
    private(set) var rule: String?
    private(set) var destination: String?

    mutating func add(_ milliseconds: UInt64, rule: String?, destination: String?) {
      // The policy may have changed: the last rule is the one to look at. Files may come in any order.
      if milliseconds >= tally.last { (self.rule, self.destination) = (rule, destination) }
      tally.add(milliseconds)
    }
  }

  var coverage = AuditCoverage()
  var resolved = AuditTally()
  var connected = AuditTally()
  var unresolved = Occurrences()
  var afterWindow: UInt64 = 0
  var uncertain: UInt64 = 0
  var denials: [Denial: Occurrences] = [:]
  /// Whether the client, or one that the client stands for, asked for a connection.
  var isConnected = false

  /// Whether nothing happened in the range of time.
  var isSilent: Bool { resolved.count == 0 && connected.count == 0 && unresolved.tally.count == 0 && denials.isEmpty }

  /// The state as it is reported.
  func entry(_ pair: AccessAudit.Pair) -> AuditReport.Entry {
    var entry = AuditReport.Entry(
      route: pair.route, resolved: resolved.report, connected: connected.report,
      neverConnected: resolved.count > 0 && !isConnected,
      denied: denials.compactMap { denial, denied in
        denied.tally.report.map {
          AuditReport.Denial(
            of: denial.of.rawValue, reason: denial.reason, count: $0.count, first: $0.first, last: $0.last,
            rule: denied.rule, destination: denied.destination)
        }
      }.sorted { ($0.of, $0.reason) < ($1.of, $1.reason) })
    if let tally = unresolved.tally.report {
      entry.unresolved = AuditReport.Unresolved(
        count: tally.count, first: tally.first, last: tally.last, afterWindow: afterWindow, uncertain: uncertain,
        destination: unresolved.destination ?? "")
    }
    switch pair.subject {
    case .pod(let namespace, let name): (entry.namespace, entry.pod) = (namespace, name)
    case .address(let address): entry.client = address
    case .namespace(let namespace): entry.namespace = namespace
    case .nobody: break
    }
    return entry
  }
}

/// What is kept of all files of one log.
struct AuditInput {
  var lines: UInt64 = 0
  var taken: UInt64 = 0
  private(set) var dropped: UInt64 = 0
  private(set) var unreadable: UInt64 = 0
  private(set) var firstUnreadable: AuditReport.Place?
  private(set) var first: UInt64 = .max
  private(set) var last: UInt64 = 0

  mutating func addUnreadable(_ place: AuditReport.Place) {
    unreadable += 1
    if firstUnreadable == nil { firstUnreadable = place }
  }

  /// Adds lines that the log says it dropped, whatever number it says.
  mutating func addDropped(_ count: UInt64) {
    let (sum, isTooLarge) = dropped.addingReportingOverflow(count)
    dropped = isTooLarge ? .max : sum
  }

  /// Whether the log has what happened in the `window` before a time; it ends at most as long before it.
  func covers(_ milliseconds: UInt64, andBefore window: UInt64) -> Bool {
    first != .max && first <= milliseconds - min(milliseconds, window)
      && last >= milliseconds - min(milliseconds, window)
  }

  /// Takes note of the time of a line.
  mutating func extend(to milliseconds: UInt64) {
    first = min(first, milliseconds)
    last = max(last, milliseconds)
  }

  /// The log as it is reported.
  var report: AuditReport.Input {
    AuditReport.Input(
      lines: lines, taken: taken, dropped: dropped, unreadable: unreadable, firstUnreadable: firstUnreadable,
      first: first == .max ? nil : LogTime.text(ofMilliseconds: first),
      last: first == .max ? nil : LogTime.text(ofMilliseconds: last))
  }
}
