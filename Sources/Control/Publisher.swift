public import Logging
public import Steering
public import SteeringPolicy

/// Turns changes of the policy into generations, and keeps the last good one serving whatever happens.
public actor Publisher {
  /// Why a first snapshot could not be had: the findings.
  public struct Refused: Error {
    /// Every finding.
    public let diagnostics: [Diagnostic]
  }

  /// The snapshot that serves.
  public private(set) var current: Snapshot
  /// Why a load is tried again although nothing changed.
  private static let retry = "a file could not be read"
  /// How long after a generation could not be published it is tried again: a port or a proxy may be free by then.
  private static let publishingPause = Duration.seconds(60)
  private let paths: [String]
  private let secretFiles: SecretFiles
  private var secrets: ServerSecrets
  private let logger: Logger
  private var serials: SerialStore
  private var sinks: [any SnapshotSink] = []
  private var files: [String]
  private var stamps: FileStamps
  /// Whether a file could not be read at the last look: nothing may change when it can be again, so it is tried.
  private var hasUnreadable = false
  /// When the generation that could not be published is tried again.
  private var publishAgain: ContinuousClock.Instant?
  /// What the last load found, so that what is tried again and again is not logged each time.
  private var lastFindings: [Diagnostic] = []
  /// The reload that was asked for last; the next one waits for it.
  private var lastReload: Task<Void, Never>?

  /// Loads the policy under `paths`, and the secrets; throws `Refused` if the policy has errors.
  public init(
    paths: [String], serials: SerialStore, secretFiles: SecretFiles = SecretFiles(), logger: Logger
  ) throws {
    var serials = serials
    let stamps = Self.stamps(paths, secretFiles.paths)
    let secrets = try secretFiles.load(logger)
    let loaded = SnapshotLoader.load(paths, serial: serials.next())
    guard let snapshot = loaded.snapshot else { throw Refused(diagnostics: loaded.diagnostics) }
    logger.log(loaded.diagnostics)
    try serials.keep(snapshot.generation.serial)
    self.paths = paths
    self.secretFiles = secretFiles
    self.secrets = secrets
    self.logger = logger
    self.serials = serials
    files = loaded.files
    current = snapshot.replacing(secrets: secrets)
    logger.logMissingKeys(of: current)
    self.stamps = stamps.merging(Self.stamps(paths, files + secretFiles.paths))
  }

  /// Publishes to one more sink from now on.
  public func add(_ sink: any SnapshotSink) {
    sinks.append(sink)
  }

  /// Reloads if a file changed, appeared or went since the last look.
  public func reloadIfChanged() async {
    if look() != stamps {
      await reload(because: "a file changed")
    } else if hasUnreadable {
      await reload(because: Self.retry)
    } else if let publishAgain, ContinuousClock.now >= publishAgain {
      await reload(because: "it could not be published before")
    }
  }

  /// Loads the policy again and publishes it if it is another; a broken one is refused and the current serves on.
  ///
  /// Reloads run one after the other, in the order in which they were asked for.
  public func reload(because reason: String) async {
    let task = Task { [lastReload] in
      await lastReload?.value
      await load(because: reason)
    }
    lastReload = task
    await task.value
  }

  private func load(because reason: String) async {
    guard let loaded = loadWhole() else {
      logger.warning(
        "the files change while they are read; the last good generation serves on",
        metadata: ["reason": "\(reason)", "generation": "\(current.generation)"])
      return
    }
    let unreadable: Set<DiagnosticCode> = [.fileUnreadable, .zoneFile, .zoneInclude]
    let isRepeated = reason == Self.retry && loaded.diagnostics == lastFindings
    hasUnreadable = loaded.diagnostics.contains { unreadable.contains($0.code) }
    lastFindings = loaded.diagnostics
    if isRepeated { return }
    logger.log(loaded.diagnostics)
    secrets = secretFiles.reload(secrets, logger)
    guard let snapshot = loaded.snapshot else {
      await publishSecrets()
      logger.error(
        "policy refused; the last good generation serves on",
        metadata: [
          "reason": "\(reason)", "generation": "\(current.generation)",
          "errors": "\(loaded.diagnostics.count { $0.severity == .error })",
        ])
      return
    }
    let isSame = snapshot.generation.digest == current.generation.digest
    await publish(
      isSame ? current.replacing(pods: snapshot.pods, areSynchronized: true) : snapshot, because: reason)
  }

  /// Loads the files as they are at one time: half of one policy and half of the next may be a third that nobody wrote.
  ///
  /// Nil if they change again and again; the next look then finds them changed.
  private func loadWhole() -> SnapshotLoader.Result? {
    for _ in 0..<4 {
      let before = look()
      let loaded = SnapshotLoader.load(paths, serial: serials.next())
      if !loaded.files.isEmpty { files = loaded.files }
      let after = look()
      stamps = before.merging(after)
      if stamps == after { return loaded }
    }
    return nil
  }

  /// Publishes a snapshot with the secrets as they are now.
  private func publish(_ snapshot: Snapshot, because reason: String) async {
    let snapshot = snapshot.replacing(secrets: secrets)
    publishAgain = nil
    do {
      // First of all: once it was told, a serial must not be forgotten.
      if snapshot.generation != current.generation { try serials.keep(snapshot.generation.serial) }
      for sink in sinks { try await sink.prepare(snapshot) }
      for sink in sinks { try await sink.publish(snapshot) }
      for sink in sinks { await sink.settle(snapshot) }
    } catch {
      publishAgain = .now + Self.publishingPause
      logger.error(
        "publishing failed; the last good generation serves on",
        metadata: ["reason": "\(reason)", "generation": "\(current.generation)", "error": "\(error)"])
      await publishSecrets()
      return
    }
    let isNew = snapshot.generation != current.generation
    if isNew || snapshot.missingKeys != current.missingKeys { logger.logMissingKeys(of: snapshot) }
    current = snapshot
    logger.info(
      isNew ? "generation published" : "policy unchanged; pods refreshed",
      metadata: ["reason": "\(reason)", "generation": "\(snapshot.generation)", "pods": "\(snapshot.pods.count)"])
  }

  /// Publishes the current generation with the secrets as they are now: one that was taken back must not go on because
  /// of a policy that cannot be served.
  private func publishSecrets() async {
    current = current.replacing(secrets: secrets)
    for sink in sinks { try? await sink.publish(current) }
  }

  /// What the files look like now, those of the secrets too.
  private func look() -> FileStamps { Self.stamps(paths, files + secretFiles.paths) }

  private static func stamps(_ paths: [String], _ files: [String]) -> FileStamps {
    FileStamps(PolicyFiles(paths: paths).list().names + files)
  }
}

extension Logger {
  /// Logs which keys the policy names and nobody gave the server.
  fileprivate func logMissingKeys(of snapshot: Snapshot) {
    for key in snapshot.missingKeys {
      warning(
        "a key that the policy names is not in the key file; transfers by it are refused", metadata: ["key": "\(key)"]
      )
    }
  }

  /// Logs findings, each with its place and code.
  public func log(_ diagnostics: [Diagnostic]) {
    for diagnostic in diagnostics {
      log(
        level: diagnostic.severity == .error ? .error : .warning, "\(diagnostic.message)",
        metadata: ["at": "\(diagnostic.location)", "code": "\(diagnostic.code.rawValue)"])
    }
  }
}
