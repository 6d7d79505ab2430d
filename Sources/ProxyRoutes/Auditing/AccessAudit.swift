import Steering

/// Joins what clients were answered with what they connected to, by client and route.
///
/// Lines may come in any order, but the queries of all files before the connections. What is kept is of the number of
/// clients and routes, not of lines.
public struct AccessAudit {
  /// What is asked of an audit.
  public struct Options: Sendable {
    /// The range of time, in milliseconds since 1970.
    public var range: ClosedRange<UInt64> = 0...UInt64.max
    /// For how many seconds a client may use an answer.
    public var windowSeconds: UInt64 = 600
    /// Whose clients are reported, if not all.
    public var namespace: String?
    /// The one pod of the namespace that is reported.
    public var pod: String?

    /// All clients at all times.
    public init() {}
  }

  /// Which log a line is of.
  public enum Log: Sendable {
    case queries, connects
  }

  /// How many pairs of client and route are kept.
  static let pairLimit = 1_000_000
  /// By how much the clocks of two machines may differ, in milliseconds.
  private static let clockDifference: UInt64 = 1000

  struct Pair: Hashable {
    let subject: AuditSubject
    let route: String
  }

  private let options: Options
  private let pairLimit: Int
  private var reader = AuditLineReader()
  private var pairs: [Pair: AuditState] = [:]
  private var queries = AuditInput()
  private var connects = AuditInput()
  private var unidentifiedAnswers: UInt64 = 0
  private var leftOut: UInt64 = 0

  /// An audit of nothing yet.
  public init(_ options: Options) {
    self.init(options, pairLimit: Self.pairLimit)
  }

  init(_ options: Options, pairLimit: Int) {
    self.options = options
    self.pairLimit = pairLimit
  }

  /// Takes a line: the octets in `range`, without the line feed; line `number` of `file`, from 1.
  public mutating func add(_ octets: [UInt8], _ range: Range<Int>, of log: Log, file: String, number: UInt64) {
    do throws(AuditFault) {
      switch log {
      case .queries:
        queries.lines += 1
        switch try reader.query(octets, range) {
        case .line(let line): add(line)
        case .dropped(let count): queries.addDropped(count)
        }
      case .connects:
        connects.lines += 1
        switch try reader.connect(octets, range) {
        case .line(let line): add(line)
        case .dropped(let count): connects.addDropped(count)
        }
      }
    } catch {
      addUnreadable(error, of: log, file: file, number: number)
    }
  }

  /// Counts a line that is too long to be taken.
  public mutating func addLong(of log: Log, file: String, number: UInt64) {
    switch log {
    case .queries: queries.lines += 1
    case .connects: connects.lines += 1
    }
    addUnreadable(.tooLong, of: log, file: file, number: number)
  }

  private mutating func addUnreadable(_ fault: AuditFault, of log: Log, file: String, number: UInt64) {
    let place = AuditReport.Place(file: file, line: number, reason: fault.rawValue)
    switch log {
    case .queries: queries.addUnreadable(place)
    case .connects: connects.addUnreadable(place)
    }
  }

  private mutating func add(_ line: QueryLine) {
    queries.extend(to: line.milliseconds)
    guard let route = line.route, line.milliseconds <= options.range.upperBound else { return }
    let isInRange = options.range.contains(line.milliseconds)
    if isInRange { queries.taken += 1 }
    if line.subject == .nobody, line.hasAddresses, isInRange { unidentifiedAnswers += 1 }
    let window = options.windowSeconds * 1000
    change(Pair(subject: line.subject, route: route)) { state in
      if line.hasAddresses {
        // An answer from before the range is good for a connection in it.
        let start = line.milliseconds - min(line.milliseconds, Self.clockDifference)
        state.coverage.add(start...(line.milliseconds + window))
        if isInRange { state.resolved.add(line.milliseconds) }
      }
      if let reason = line.denial, isInRange {
        state.denials[AuditState.Denial(of: .query, reason: reason), default: AuditState.Occurrences()]
          .add(line.milliseconds, rule: nil, destination: nil)
      }
    }
  }

  private mutating func add(_ line: ConnectLine) {
    connects.extend(to: line.milliseconds)
    guard options.range.contains(line.milliseconds) else { return }
    connects.taken += 1
    var isResolved = line.answerAge.map { $0 <= options.windowSeconds * 1000 } ?? false
    var wasResolved = line.answerAge != nil
    // The query may have come before the pod was known, or from a forwarder that tells the namespace only.
    var subjects: Set = [line.subject, .address(line.client)]
    if case .pod(let namespace, _) = line.subject { subjects.insert(.namespace(namespace)) }
    for subject in subjects {
      let pair = Pair(subject: subject, route: line.route)
      guard let coverage = pairs[pair]?.coverage else { continue }
      pairs[pair]?.isConnected = true
      isResolved = isResolved || coverage.contains(line.milliseconds)
      wasResolved = wasResolved || coverage.starts(before: line.milliseconds)
    }
    let isUncertain = !queries.covers(line.milliseconds, andBefore: options.windowSeconds * 1000)
    change(Pair(subject: line.subject, route: line.route)) { state in
      state.isConnected = true
      if !isResolved {
        state.unresolved.add(line.milliseconds, rule: nil, destination: line.destination)
        if wasResolved { state.afterWindow += 1 }
        if isUncertain { state.uncertain += 1 }
      }
      if line.isAllowed {
        state.connected.add(line.milliseconds)
      } else {
        state.denials[AuditState.Denial(of: .connect, reason: line.reason), default: AuditState.Occurrences()]
          .add(line.milliseconds, rule: line.rule, destination: line.destination)
      }
    }
  }

  private mutating func change(_ pair: Pair, _ body: (inout AuditState) -> Void) {
    guard pairs[pair] != nil || pairs.count < pairLimit else {
      leftOut += 1
      return
    }
    body(&pairs[pair, default: AuditState()])
  }

  /// What was found.
  public var report: AuditReport {
    func text(_ milliseconds: UInt64, unless none: UInt64) -> String? {
      milliseconds == none ? nil : LogTime.text(ofMilliseconds: milliseconds)
    }
    return AuditReport(
      since: text(options.range.lowerBound, unless: 0), until: text(options.range.upperBound, unless: .max),
      windowSeconds: options.windowSeconds, queries: queries.report, connects: connects.report,
      unidentifiedAnswers: unidentifiedAnswers, leftOut: leftOut,
      entries: pairs.filter { isReported($0.key.subject) && !$0.value.isSilent }
        .map { pair, state in state.entry(pair) }
        .sorted { $0.order.lexicographicallyPrecedes($1.order) })
  }

  private func isReported(_ subject: AuditSubject) -> Bool {
    guard let wanted = options.namespace else { return subject != .nobody }
    return switch subject {
    case .pod(let namespace, let name): namespace == wanted && (options.pod == nil || options.pod == name)
    case .namespace(let namespace): namespace == wanted && options.pod == nil
    case .address, .nobody: false
    }
  }
}

extension AuditReport.Entry {
  /// What entries are sorted by.
  fileprivate var order: [String] { [namespace ?? "", pod ?? "", client ?? "", route] }
}
