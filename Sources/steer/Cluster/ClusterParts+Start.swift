import Control
import Logging
import SteeringPolicy

extension ClusterParts {
  /// How often it is looked whether everything was told.
  private static let glance = Duration.milliseconds(20)
  /// How long a command waits for the next object.
  private static let patience = Duration.seconds(30)
  /// The same while the server cannot be heard: it may be restarting.
  private static let patienceWithFaults = Duration.seconds(5)
  /// How often it is said how far that is.
  private static let report = Duration.seconds(2)
  /// How long after a policy was refused it is tried again: as often as files are looked at.
  private static let retry = Duration.seconds(1)

  /// Waits until everything that is read was told once, and says how far that is meanwhile; throws if it is cancelled.
  func synchronize() async throws {
    var next = ContinuousClock.now + Self.report
    while !watch.freshness.isSynchronized {
      if ContinuousClock.now >= next {
        next += Self.report
        logger.info("synchronizing", metadata: progress)
      }
      // Looking: eight reflectors and a clock tell, each in its own time, and this is done once in a server's life.
      try await Task.sleep(for: Self.glance)
    }
    logger.info("synchronized", metadata: progress)
  }

  /// Waits until everything that is read was told once; throws if that makes no progress.
  func synchronizeSoon() async throws {
    var (states, last) = (watch.freshness.states, ContinuousClock.now)
    while !watch.freshness.isSynchronized {
      let now = watch.freshness.states
      if now.map(\.count) != states.map(\.count) { (states, last) = (now, .now) }
      let missing = now.filter { !$0.isSynchronized }
      let patience = missing.contains { $0.lost != nil } ? Self.patienceWithFaults : Self.patience
      guard ContinuousClock.now < last + patience else { throw NotSynchronized(missing) }
      // Looking, as above.
      try await Task.sleep(for: Self.glance)
    }
  }

  /// That the API server did not tell everything.
  struct NotSynchronized: Error, CustomStringConvertible {
    let description: String

    init(_ states: [Freshness.State]) {
      let reasons = states.map { state in
        "\(state.resource.rawValue): \(state.lost ?? "\(state.count) and no more came")"
      }
      description = "the API server does not tell what it has; " + reasons.joined(separator: "; ")
    }
  }

  /// How many objects of each resource are known, and why there are no more if the server cannot be heard.
  private var progress: Logger.Metadata {
    var metadata: Logger.Metadata = [:]
    for state in watch.freshness.states {
      let lost = state.isSynchronized ? nil : state.lost
      metadata[state.resource.rawValue] = "\(state.count)\(lost.map { " (\($0))" } ?? "")"
    }
    return metadata
  }

  /// The publisher of what the cluster has, once that can be served.
  ///
  /// A policy in the cluster that cannot be served is waited for to be another: whoever changes it does so there.
  func publisher(_ settings: Settings) async throws -> Publisher {
    var findings: [Diagnostic] = []
    while true {
      try await synchronize()
      do {
        return try await Publisher(
          paths: settings.policy, cluster: await watch.inputs, livePods: watch.pods,
          serials: SerialStore(folder: settings.stateFolder), secretFiles: settings.secretFiles, logger: logger)
      } catch let refused as Publisher.Refused where settings.cluster?.readsPolicy == true {
        if refused.diagnostics != findings {
          findings = refused.diagnostics
          logger.log(findings)
          logger.error(
            "policy refused, and there is none to serve; nothing is answered until it is corrected",
            metadata: ["errors": "\(findings.count { $0.severity == .error })"])
        }
        // Trying, not waiting for a change: files tell nothing, and whoever repairs the one may repair the other too.
        try await Task.sleep(for: Self.retry)
      }
    }
  }
}
