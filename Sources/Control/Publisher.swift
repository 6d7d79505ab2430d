import KubernetesAPI
public import Logging
public import Steering
public import SteeringPolicy

/// Turns changes of the policy into generations, and keeps the last good one serving whatever happens.
public actor Publisher {
  /// Why a first snapshot could not be had: the findings.
  public struct Refused: Error {
    /// Every finding.
    public let diagnostics: [Diagnostic]
    /// What became of each object of a cluster.
    public let statuses: [ObjectStatus]

    /// In a sentence.
    var reason: String {
      let errors = diagnostics.filter { $0.severity == .error }
      let first = errors.first.map { "\($0.location): \($0.message)" } ?? "it is not valid"
      return "the policy is refused: \(first)" + (errors.count > 1 ? " (and \(errors.count - 1) more errors)" : "")
    }
  }

  /// The snapshot that serves.
  public private(set) var current: Snapshot
  /// Why a load is tried again although nothing changed.
  private static let retry = "a file could not be read"
  /// Why a load is tried when a sink cannot serve some routes.
  private static let unservableRoutes = "a route cannot be served"
  /// Why a load is tried when a cluster says what it has.
  private static let clusterChange = "the cluster changed"
  /// How long after a generation could not be published it is tried again, at first and at most: a port or a proxy may be
  /// free by then.
  private static let pauses = (first: Duration.seconds(60), longest: Duration.seconds(960))
  /// How long after files that changed while they were read they are read again.
  private static let filesPause = Duration.seconds(1)
  private let paths: [String]
  private let secretFiles: SecretFiles
  private var secrets: ServerSecrets
  private let logger: Logger
  private var serials: SerialStore
  private var sinks: [any SnapshotSink] = []
  private var files: [String]
  private var stamps: FileStamps
  /// What a cluster has besides its pods; nothing if everything comes from files.
  private var cluster: ClusterInputs
  /// The Services that the policy names, as it was loaded last; nil if it could not be.
  private var services: Set<NamespacedName>?
  /// The pods of a cluster; nil if all pods come from files.
  private let livePods: LivePods?
  /// What serves of the files and of each object, to be fallen back to; nil if everything comes from files.
  public private(set) var accepted: AcceptedInputs?
  private var outcome: LoadOutcome
  private var listeners: [AsyncStream<LoadOutcome>.Continuation] = []
  /// Whether a file could not be read at the last look: nothing may change when it can be again, so it is tried.
  private var hasUnreadable = false
  /// Objects of which no sink could be made ready to serve this version.
  private var unservable: RefusedObjects = [:]
  /// Tries again what could not be published, and how long it waits the next time.
  private var retrying: Task<Void, Never>?
  private var pause = Publisher.pauses.first
  /// Reads files again that changed while they were read.
  private var rereading: Task<Void, Never>?
  /// What the others serve, as far as it is not what is served here: to go back to where a first load went too far.
  private var remembered: AcceptedInputs?
  /// Whether it serves what was kept, and the cluster has told nothing yet: what others accepted meanwhile is then looked at
  /// as at a first load.
  private var isRestored: Bool
  private var isTold = false
  /// What the last load found, so that what is tried again and again is not logged each time.
  private var lastFindings: [Diagnostic] = []
  /// The reload that was asked for last; the next one waits for it.
  private var lastReload: Task<Void, Never>?
  /// How many reloads were asked for and have not begun.
  private var reloadsWaiting = 0
  /// The hand-over to the sinks that was begun last; the next one waits for it.
  private var lastHandOver: Task<Void, any Error>?

  /// Loads the policy under `paths`, with what a cluster has, and the secrets; throws `Refused` if the policy has errors.
  ///
  /// Of what has errors, the version serves that its status tells, or that was `kept`, if there is one. `isRestored` says
  /// that `cluster` is what was kept, too.
  public init(
    paths: [String], cluster: ClusterInputs = ClusterInputs(), livePods: LivePods? = nil,
    kept: AcceptedInputs? = nil, isRestored: Bool = false, serials: SerialStore,
    secretFiles: SecretFiles = SecretFiles(), logger: Logger
  ) async throws {
    var serials = serials
    let stamps = Self.stamps(paths, secretFiles.paths)
    let secrets = try secretFiles.load(logger)
    var loaded = SnapshotLoader.loadFirst(
      PolicyInputs(paths: paths, objects: cluster.objects, inventory: cluster.inventory), kept: kept,
      serial: serials.next())
    guard let snapshot = loaded.snapshot, let policy = loaded.policy else {
      throw Refused(diagnostics: loaded.diagnostics, statuses: loaded.statuses)
    }
    logger.log(loaded.diagnostics)
    try serials.keep(snapshot.generation.serial)
    self.paths = paths
    self.cluster = cluster
    self.livePods = livePods
    self.accepted = loaded.accepted
    remembered = loaded.remembered
    self.isRestored = isRestored
    self.secretFiles = secretFiles
    self.secrets = secrets
    self.logger = logger
    self.serials = serials
    services = policy.services
    files = loaded.files
    lastFindings = loaded.diagnostics
    current = (await livePods?.putOver(policy.inventory, in: snapshot) ?? snapshot).replacing(secrets: secrets)
    loaded.runTests(in: current)
    outcome = LoadOutcome(loaded, of: cluster, generation: current.generation, accepted: accepted)
    self.stamps = stamps.merging(Self.stamps(paths, files + secretFiles.paths))
    logger.logMissingKeys(of: current)
  }

  /// Publishes to one more sink from now on.
  public func add(_ sink: any SnapshotSink) {
    sinks.append(sink)
    remembered = nil
  }

  /// Has one more sink serve, and publishes to it from now on; throws if it cannot.
  ///
  /// Of a policy from a cluster, routes that it cannot serve are held back, and the others served.
  public func start(_ sink: any SnapshotSink) async throws {
    while true {
      do {
        try await sink.prepare(current)
        try await sink.publish(current)
        await sink.settle(current)
        return add(sink)
      } catch let error as UnservableRoutes {
        guard holdBack(error, of: current, in: cluster) else { throw error }
        await reload(because: Self.unservableRoutes)
      }
    }
  }

  /// What came of the last load, and of each one from now on; who is late is told the newest only.
  public func outcomes() -> AsyncStream<LoadOutcome> {
    let (stream, continuation) = AsyncStream.makeStream(of: LoadOutcome.self, bufferingPolicy: .bufferingNewest(1))
    continuation.yield(outcome)
    listeners.append(continuation)
    return stream
  }

  /// Loads the policy again with what a cluster has now, if that matters to it.
  public func replace(cluster new: ClusterInputs) async {
    let isAnother = services.map { !new.isSame(as: cluster, for: $0) } ?? true
    cluster = new
    isTold = true
    if isAnother { await reload(because: Self.clusterChange) }
  }

  /// Reloads if a file changed, appeared or went since the last look.
  public func reloadIfChanged() async {
    if look() != stamps {
      await reload(because: "a file changed")
    } else if hasUnreadable {
      await reload(because: Self.retry)
    }
  }

  /// Loads the policy again and publishes it if it is another; a broken one is refused and the current serves on.
  ///
  /// Reloads run one after the other, in the order in which they were asked for.
  public func reload(because reason: String) async {
    reloadsWaiting += 1
    let task = Task { [lastReload] in
      await lastReload?.value
      reloadsWaiting -= 1
      await load(because: reason)
    }
    lastReload = task
    await task.value
  }

  private func load(because reason: String) async {
    guard let loadedFrom = await loadAndPublish(because: reason) else { return }
    // What was told meanwhile was compared by the Services that the policy named before.
    guard reloadsWaiting == 0, let services, !cluster.isSame(as: loadedFrom, for: services) else { return }
    await load(because: Self.clusterChange)
  }

  /// Loads once; returns what of the cluster it was loaded from.
  private func loadAndPublish(because reason: String) async -> ClusterInputs? {
    guard let (result, cluster) = await loadWhole() else {
      logger.warning(
        "the files change while they are read; the last good generation serves on",
        metadata: ["reason": "\(reason)", "generation": "\(current.generation)"])
      readLater(because: reason)
      return nil
    }
    var loaded = result
    let unreadable: Set<DiagnosticCode> = [.fileUnreadable, .zoneFile, .zoneInclude]
    let isRepeated = reason == Self.retry && loaded.diagnostics == lastFindings
    services = loaded.policy?.services
    hasUnreadable = loaded.diagnostics.contains { unreadable.contains($0.code) }
    let known = reason == Self.clusterChange || reason == Self.unservableRoutes ? Set(lastFindings) : []
    lastFindings = loaded.diagnostics
    if isRepeated { return cluster }
    logger.log(loaded.diagnostics.filter { !known.contains($0) })
    secrets = secretFiles.reload(secrets, logger)
    var failure: String?
    if let snapshot = loaded.snapshot, let policy = loaded.policy {
      do {
        try await publish(snapshot, of: policy, because: reason)
        accepted = loaded.accepted
      } catch {
        if let routes = error as? UnservableRoutes, holdBack(routes, of: snapshot, in: cluster) {
          return await loadAndPublish(because: Self.unservableRoutes)
        }
        failure = "it could not be published: \(error)"
        logger.error(
          "publishing failed; the last good generation serves on",
          metadata: ["reason": "\(reason)", "generation": "\(current.generation)", "error": "\(error)"])
        await publishSecrets()
      }
      if failure != nil || !unservable.isEmpty { publishLater() }
    } else {
      failure = Refused(diagnostics: loaded.diagnostics, statuses: []).reason
      await publishSecrets()
      logger.error(
        "policy refused; the last good generation serves on",
        metadata: [
          "reason": "\(reason)", "generation": "\(current.generation)",
          "errors": "\(loaded.diagnostics.count { $0.severity == .error })",
        ])
    }
    loaded.runTests(in: current)
    logger.logHeldBack(loaded.statuses.filter { !outcome.statuses.contains($0) })
    outcome = LoadOutcome(
      loaded, of: cluster, generation: current.generation, failure: failure, accepted: accepted)
    for listener in listeners { listener.yield(outcome) }
    return cluster
  }

  /// Loads the files as they are at one time: half of one policy and half of the next may be a third that nobody wrote.
  ///
  /// Nil if they change again and again; the next look then finds them changed.
  private func loadWhole() async -> (SnapshotLoader.Result, ClusterInputs)? {
    for _ in 0..<4 {
      let (before, cluster) = (look(), cluster)
      let loaded = await Self.load(
        paths, cluster, accepted: accepted, isFirst: isRestored, refused: unservable, serial: serials.next())
      if !loaded.files.isEmpty { files = loaded.files }
      let after = look()
      stamps = before.merging(after)
      if stamps == after {
        if loaded.snapshot != nil, isTold { isRestored = false }
        return (loaded, cluster)
      }
    }
    return nil
  }

  /// Loads on a thread of its own: while it takes its time, pods are published.
  private static func load(
    _ paths: [String], _ cluster: ClusterInputs, accepted: AcceptedInputs?, isFirst: Bool, refused: RefusedObjects,
    serial: UInt32
  ) async -> SnapshotLoader.Result {
    let inputs = PolicyInputs(paths: paths, objects: cluster.objects, inventory: cluster.inventory)
    if isFirst { return SnapshotLoader.loadFirst(inputs, kept: accepted, refused: refused, serial: serial) }
    return SnapshotLoader.load(inputs, accepted: accepted, refused: refused, serial: serial)
  }

  /// Holds back the routes of a cluster that a sink cannot serve; false if there is none that is not held back yet.
  private func holdBack(_ routes: UnservableRoutes, of snapshot: Snapshot, in cluster: ClusterInputs) -> Bool {
    var isAnother = false
    for (name, reason) in routes.reasons {
      guard let route = snapshot.routes.first(where: { $0.name == name }), route.location.isObject,
        let object = cluster.objects?.first(where: { $0.key == CustomObject.Key(kind: "EgressRoute", name: name) })
      else { continue }
      if unservable[object.key]?.object.isSameVersion(as: object) != true {
        unservable[object.key] = (object, Diagnostic(.unservableRoute, at: route.location, reason))
        isAnother = true
      } else if let place = accepted?.objects.firstIndex(where: { $0.key == object.key }) {
        // Nor can the version that was good before. After a start that is the same, and what others serve may be an older.
        accepted?.objects.remove(at: place)
        if let older = remembered?.objects.firstIndex(where: { $0.key == object.key }) {
          let version = remembered?.objects.remove(at: older)
          accepted?.objects += [version].compactMap(\.self)
        }
        isAnother = true
      }
    }
    return isAnother
  }

  /// Tries again after a while to publish what could not be, each time after twice as long.
  private func publishLater() {
    guard retrying == nil else { return }
    retrying = Task { [weak self, pause] in
      // Nothing tells that a port is free.
      guard (try? await Task.sleep(for: pause)) != nil else { return }
      await self?.publishAgain()
    }
  }

  private func publishAgain() async {
    retrying = nil
    unservable = [:]
    pause = min(pause * 2, Self.pauses.longest)
    await reload(because: "it could not be published before")
  }

  /// Reads files again that changed while they were read: what else changed with them must not be forgotten.
  private func readLater(because reason: String) {
    guard rereading == nil else { return }
    rereading = Task { [weak self] in
      // Nothing tells that files are left alone.
      guard (try? await Task.sleep(for: Self.filesPause)) != nil else { return }
      await self?.readAgain(because: reason)
    }
  }

  private func readAgain(because reason: String) async {
    rereading = nil
    await reload(because: reason)
  }

  /// Publishes what was compiled of `policy`; throws if a sink does not take it.
  private func publish(_ compiled: Snapshot, of policy: PolicySet, because reason: String) async throws {
    let before = current
    let isNew = compiled.generation.digest != before.generation.digest
    let snapshot =
      isNew ? compiled : before.replacing(originsOf: compiled).replacing(pods: compiled.pods, areSynchronized: true)
    // First of all: once it was told, a serial must not be forgotten.
    if isNew { try serials.keep(snapshot.generation.serial) }
    for sink in sinks { try await sink.prepare(snapshot) }
    try await inTurn { try await $0.handOver(snapshot, of: policy) }
    for sink in sinks { await sink.settle(current) }
    if unservable.isEmpty {
      retrying?.cancel()
      (retrying, pause) = (nil, Self.pauses.first)
    }
    if isNew || current.missingKeys != before.missingKeys { logger.logMissingKeys(of: current) }
    logger.log(
      // What a cluster has changes all the time in what nobody refers to.
      level: isNew || reason != Self.clusterChange ? .info : .debug,
      isNew ? "generation published" : "policy unchanged; pods refreshed",
      metadata: ["reason": "\(reason)", "generation": "\(current.generation)", "pods": "\(current.pods.count)"])
  }

  /// Has every sink serve from a snapshot, with the secrets and pods as they are now.
  private func handOver(_ snapshot: Snapshot, of policy: PolicySet) async throws {
    let snapshot = (await livePods?.putOver(policy.inventory, in: snapshot) ?? snapshot).replacing(secrets: secrets)
    for sink in sinks { try await sink.publish(snapshot) }
    current = snapshot
  }

  /// Publishes the current generation with the secrets as they are now: one that was taken back must not go on because
  /// of a policy that cannot be served.
  private func publishSecrets() async {
    await republish { publisher in publisher.current.replacing(secrets: publisher.secrets) }
  }

  /// Publishes the current generation with the pods of the cluster as they are now; nothing is compiled for them.
  public func refreshPods() async {
    guard let livePods else { return }
    await republish { publisher in
      await livePods.replaced(in: publisher.current)
    }
  }

  /// Publishes the current generation with something else beside it; a sink that cannot take it goes on as it is.
  private func republish(_ change: @escaping @Sendable (isolated Publisher) async -> Snapshot) async {
    try? await inTurn { publisher in
      publisher.current = await change(publisher)
      for sink in publisher.sinks { try? await sink.publish(publisher.current) }
    }
  }

  /// Hands something over to the sinks once they have taken what was handed over before, so that none of them goes back.
  private func inTurn(_ body: @escaping @Sendable (isolated Publisher) async throws -> Void) async throws {
    let task = Task { [lastHandOver] in
      _ = await lastHandOver?.result
      try await body(self)
    }
    lastHandOver = task
    try await task.value
  }

  /// What the files look like now, those of the secrets too.
  private func look() -> FileStamps { Self.stamps(paths, files + secretFiles.paths) }

  private static func stamps(_ paths: [String], _ files: [String]) -> FileStamps {
    FileStamps(PolicyFiles(paths: paths).list().names + files)
  }
}
