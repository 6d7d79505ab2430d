import Control
import Logging
import SteeringPolicy

extension ClusterParts {
  /// How often it is looked whether everything was told.
  private static let glance = Duration.milliseconds(20)
  /// How often it is said how far that is.
  private static let report = Duration.seconds(2)
  /// How long a start waits for the API server before what was kept serves.
  private static let patienceWithState = Duration.seconds(5)
  /// How long after a policy was refused it is tried again: as often as files are looked at.
  private static let retry = Duration.seconds(1)

  /// The publisher of what the cluster has, once that can be served, or of what was kept if the API server is away.
  ///
  /// A policy in the cluster that cannot be served is waited for to be another: whoever changes it does so there.
  func publisher(_ settings: Settings, serials: SerialStore, admin: AdminParts?) async throws -> Publisher {
    func publisher(_ inputs: ClusterInputs, kept: AcceptedInputs?, isRestored: Bool) async throws -> Publisher {
      try await Publisher(
        paths: settings.policy, cluster: inputs, livePods: watch.pods, kept: kept, isRestored: isRestored,
        serials: serials, secretFiles: settings.secretFiles, logger: logger)
    }
    let isSynchronized = try await synchronize(within: store == nil ? nil : Self.patienceWithState)
    if !isSynchronized, let accepted = await restored() {
      let inputs = ClusterInputs(inventory: accepted.inventory, objects: accepted.objects)
      if let publisher = try? await publisher(inputs, kept: accepted, isRestored: true) { return publisher }
    }
    var findings: [Diagnostic] = []
    // What was accepted before the start is what is gone back to where an object has errors.
    let kept = await store?.inputs(AcceptedInputs.self)?.content
    while true {
      _ = try await synchronize(within: nil)
      let inputs = await watch.inputs
      do {
        return try await publisher(inputs, kept: kept, isRestored: false)
      } catch let refused as Publisher.Refused where settings.cluster?.readsPolicy == true {
        if refused.diagnostics != findings {
          findings = refused.diagnostics
          logger.log(findings)
          logger.error(
            "policy refused, and none was served before; names are answered once it is corrected",
            metadata: ["errors": "\(findings.count { $0.severity == .error })"])
        }
        let outcome = LoadOutcome(refused, of: inputs)
        await status?.update(outcome)
        admin?.show(outcome)
        // Trying, not waiting for a change: files tell nothing, and whoever repairs the one may repair the other too.
        try await Task.sleep(for: Self.retry)
      }
    }
  }

  /// What was kept, with its pods put where the live ones will be; nil if there is nothing that can be used.
  private func restored() async -> AcceptedInputs? {
    guard let kept = await store?.inputs(AcceptedInputs.self) else { return nil }
    if let live = watch.pods {
      // Without pods nobody is known, and all are better served by another replica.
      guard let pods = await store?.pods() else { return nil }
      await live.restore(pods.content, age: pods.age)
    }
    watch.freshness.restore(watch.resources.filter { $0 != .pods }, age: kept.age)
    await outages.noteKept(age: kept.age)
    logger.warning(
      "the API server does not tell what it has; what was kept serves until it does",
      metadata: progress.merging(["ageSeconds": "\(Int(kept.age))"]) { $1 })
    return kept.content
  }

  /// Waits until everything that is read was told once, and says how far that is meanwhile.
  ///
  /// False if it takes longer than `limit`; throws if the task is cancelled.
  private func synchronize(within limit: Duration?) async throws -> Bool {
    if watch.freshness.isSynchronized { return true }
    let start = ContinuousClock.now
    var next = start + Self.report
    while !watch.freshness.isSynchronized {
      let now = ContinuousClock.now
      if let limit, now >= start + limit { return false }
      if now >= next {
        next = now + Self.report
        logger.info("synchronizing", metadata: progress)
      }
      // Looking: eight reflectors and a clock tell, each in its own time, and this is done once in a server's life.
      try await Task.sleep(for: Self.glance)
    }
    logger.info("synchronized", metadata: progress)
    return true
  }

  /// How many objects of each resource are known, and why there are no more if the server cannot be heard.
  private var progress: Logger.Metadata {
    var metadata: Logger.Metadata = [:]
    let states = watch.freshness.states
    for state in states { metadata[state.resource.rawValue] = "\(state.count)" }
    if let lost = GroupedCauses(lost: states) { metadata["lost"] = "\(lost)" }
    return metadata
  }
}
