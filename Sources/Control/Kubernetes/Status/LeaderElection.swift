import KubernetesAPI
public import Logging
import Synchronization

/// Finds one leader among replicas by a Lease, by the rules of Kubernetes' own controllers (client-go).
///
/// Whether this replica leads lapses by itself: `renewDeadline` after the last renewal was asked for it leads no more,
/// whatever became of the task that renews, and others still wait. Clocks are never compared between replicas.
public actor LeaderElection {
  /// Which Lease it is, and how it is held.
  public struct Settings: Sendable {
    /// The Lease's namespace: Steer's own.
    public var namespace: String
    /// The Lease's name.
    public var name = "steer"
    /// Who this is, unlike every other replica: the pod's name.
    public var identity: String
    /// How long others must see no renewal before they may take the Lease; told in whole seconds.
    public var duration = Duration.seconds(15)
    /// How long the leader leads after a renewal; shorter than `duration`.
    public var renewDeadline = Duration.seconds(10)
    /// The time between two tries.
    public var retryPause = Duration.seconds(2)

    /// The times that Kubernetes' own controllers have.
    public init(namespace: String, identity: String) {
      self.namespace = namespace
      self.identity = identity
    }
  }

  private let settings: Settings
  private let requests: any APIRequests
  private let logger: Logger
  /// Until when this replica leads, without another renewal.
  private let leadsUntil = Mutex<ContinuousClock.Instant?>(nil)
  /// The Lease as this replica wrote it last.
  private var held: Lease?
  /// What was seen of the Lease.
  private var observation: LeaseObservation?
  /// Whether it led at the last try.
  private var wasLeader = false
  /// Why the last try failed, so that it is logged once.
  private var lastFault: APIFault?
  /// Why it leads no more; nil if it leads, or the time since the last renewal alone ended it.
  private var ending: String?

  /// A replica that stands for election while `run` runs.
  public init(_ settings: Settings, requests: any APIRequests, logger: Logger) {
    self.settings = settings
    self.requests = requests
    self.logger = logger
  }

  /// Whether this replica is the leader now.
  public nonisolated var isLeader: Bool {
    leadsUntil.withLock { until in until.map { ContinuousClock.now < $0 } ?? false }
  }

  /// Stands for election until it is cancelled, and then gives the Lease back.
  public func run() async {
    while !Task.isCancelled {
      await attempt()
      // A Lease does not tell when it is free, it must be looked at; not by all replicas at one time.
      try? await Task.sleep(for: settings.retryPause * Double.random(in: 1...1.2))
    }
    // In a task of its own, for a cancelled one can send nothing.
    await Task { await self.release() }.value
  }

  /// Tries once to take the Lease, or to renew it.
  func attempt() async {
    do throws(APIFault) {
      try await takeOrRenew()
      lastFault = nil
    } catch {
      held = nil
      if error != lastFault, !Task.isCancelled { log(error) }
      lastFault = error
    }
    if isLeader != wasLeader {
      wasLeader.toggle()
      var metadata: Logger.Metadata = [
        "lease": "\(settings.namespace)/\(settings.name)", "identity": "\(settings.identity)",
      ]
      if !wasLeader { metadata["reason"] = "\(ending ?? "the Lease could not be renewed in time")" }
      logger.info(
        wasLeader ? "this replica leads: it writes status" : "this replica leads no more: it writes no status",
        metadata: metadata)
    }
  }

  private func takeOrRenew() async throws(APIFault) {
    // Others count from when they see the renewal, which is later than now.
    let started = ContinuousClock.now
    guard let lease = if let held { held } else { try await read() } else {
      let made = Lease.body(making: settings.name, namespace: settings.namespace, record(after: nil))
      return try await write(.post, leases, made, leadingFrom: started)
    }
    let now = ContinuousClock.now
    if observation == nil { observation = LeaseObservation(lease.record, at: now) }
    observation?.see(lease.record, at: now)
    guard observation?.isFree(for: settings.identity, at: now) == true else {
      return follow("\(lease.record.holder.bounded(to: 253)) holds the Lease")
    }
    let renewed = lease.body(replacedBy: record(after: lease.record))
    try await write(.put, "\(leases)/\(settings.name)", renewed, leadingFrom: started)
  }

  /// The Lease as it is; nil if there is none.
  private func read() async throws(APIFault) -> Lease? {
    let answer = try await requests.answer(to: APIRequest(method: .get, path: "\(leases)/\(settings.name)"))
    if answer.status == 404 { return nil }
    guard answer.status == 200, let lease = Lease(answer.body) else { throw APIFault(answer) }
    return lease
  }

  /// Writes the Lease; whoever was faster has it otherwise.
  private func write(
    _ method: KubernetesClient.Method, _ path: String, _ body: [UInt8]?, leadingFrom started: ContinuousClock.Instant
  ) async throws(APIFault) {
    let answer = try await requests.answer(to: APIRequest(method: method, path: path, body: body))
    // 404: it was removed meanwhile. Either way the next try reads how it is now.
    if answer.status == 409 || answer.status == 404 {
      return follow("the Lease was changed or removed meanwhile")
    }
    guard answer.status == 200 || answer.status == 201, let lease = Lease(answer.body) else { throw APIFault(answer) }
    held = lease
    ending = nil
    observation = LeaseObservation(lease.record, at: started)
    leadsUntil.withLock { $0 = started + settings.renewDeadline }
  }

  /// Leads no more, because of what another did with the Lease.
  private func follow(_ reason: String) {
    held = nil
    ending = reason
    leadsUntil.withLock { $0 = nil }
  }

  /// Gives the Lease back, so that the next leader need not wait until it runs out.
  private func release() async {
    guard leadsUntil.withLock({ $0 != nil }) else { return }
    follow("this replica ends")
    // Read anew: a renewal may have been under way when this replica was told to end.
    guard let lease = try? await read(), lease.record.holder == settings.identity else { return }
    var record = record(after: lease.record)
    record.holder = ""
    record.duration = 1
    let path = "\(leases)/\(settings.name)"
    _ = try? await requests.answer(to: APIRequest(method: .put, path: path, body: lease.body(replacedBy: record)))
  }

  /// What this replica writes into a Lease that says `previous`.
  private func record(after previous: Lease.Record?) -> Lease.Record {
    let now = KubernetesTime.microseconds()
    let isOwn = previous?.holder == settings.identity
    return Lease.Record(
      holder: settings.identity, duration: Int(settings.duration.components.seconds),
      acquired: isOwn ? previous?.acquired ?? now : now, renewed: now,
      transitions: isOwn ? previous?.transitions ?? 0 : (previous?.transitions ?? -1) &+ 1)
  }

  private var leases: String { Lease.path(namespace: settings.namespace) }

  private func log(_ fault: APIFault) {
    logger.warning(
      "the Lease cannot be taken or renewed; while no replica has it, status is not written",
      metadata: [
        "lease": "\(settings.namespace)/\(settings.name)", "error": "\(fault)",
        "remedy": "\(fault.remedy(verbs: "get, create, update", of: "leases of coordination.k8s.io"))",
      ])
  }
}
