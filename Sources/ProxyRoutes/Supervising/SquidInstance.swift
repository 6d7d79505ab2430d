import Foundation
import Glibc
import Logging
import Subprocess
import SystemPackage

/// One Squid, kept running: started, and started again when it ends, each time a little later.
///
/// A Squid that an earlier Steer left behind is taken over with its tunnels.
actor SquidInstance {
  /// Its service name.
  let name: String
  /// How often it was started again.
  private(set) var restarts = 0
  /// When it last changed between running and not.
  private(set) var since = Date.now
  /// The process, while there is one.
  private(set) var process: RunningProcess?

  private var hasUncuttableLog = false
  private let settings: ProxySettings
  private let logger: Logger
  /// How long to wait before the next start.
  private static let delays: [Duration] = [0.1, 0.2, 0.5, 1, 2, 5, 10].map { .seconds($0) }
  /// How long a Squid has to run for the waiting to begin anew.
  private static let stable = Duration.seconds(60)

  /// An instance that does not run yet.
  init(name: String, settings: ProxySettings, logger: Logger) {
    self.name = name
    self.settings = settings
    self.logger = logger
  }

  /// Keeps Squid running until the task is cancelled; then lets it drain, and ends it.
  func run() async {
    if let left = RunningProcess(pidFile: settings.pidFile(of: name), name: name) { await takeOver(left) }
    var failures = 0
    while !Task.isCancelled {
      let start = ContinuousClock.now
      let end = await runOnce()
      set(nil)
      if Task.isCancelled { return }
      failures = ContinuousClock.now - start > Self.stable ? 0 : failures + 1
      let delay = Self.delays[min(max(failures - 1, 0), Self.delays.count - 1)]
      logger.error(
        "Squid ended and is started again",
        metadata: ["instance": "\(name)", "end": "\(end)", "after": "\(delay)", "log": "\(settings.logFolder)"])
      // Longer each time: a Squid that cannot run must not keep the machine busy with trying. Cancelled, it ends the loop.
      try? await Task.sleep(for: delay)
      restarts += 1
    }
  }

  /// How it is now.
  func status() -> ProxyStatus.Instance {
    ProxyStatus.Instance(
      name: name, pid: process.map { Int($0.identifier) }, state: process == nil ? "waiting" : "running",
      restarts: restarts, since: Int64(since.timeIntervalSince1970))
  }

  /// Cuts its log if that is too long.
  func cutLog() {
    do {
      try SquidLog(path: "\(settings.logFolder)/\(name).log").cut()
      hasUncuttableLog = false
    } catch {
      // Said once for as long as it is so.
      guard !hasUncuttableLog else { return }
      hasUncuttableLog = true
      logger.warning(
        "Squid's log cannot be cut, and grows",
        metadata: ["log": "\(settings.logFolder)/\(name).log", "error": "\(error)"])
    }
  }

  private func set(_ process: RunningProcess?) {
    self.process = process
    since = .now
  }

  /// Runs Squid to its end, which is told.
  private func runOnce() async -> String {
    var options = PlatformOptions()
    // A signal that a terminal sends to all its processes is Steer's to pass on.
    options.processGroupID = 0
    options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(settings.drainSeconds + 5))]
    do {
      let result = try await Subprocess.run(
        .path(FilePath(settings.squid)), arguments: ["-N", "-n", name, "-f", settings.configuration],
        platformOptions: options, input: .none,
        output: .fileDescriptor(.standardError, closeAfterSpawningProcess: false),
        error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
      ) { execution in
        let process = RunningProcess(execution.processIdentifier.value)
        set(process)
        logger.info("Squid started", metadata: ["instance": "\(name)", "pid": "\(process.identifier)"])
      }
      return "\(result.terminationStatus)"
    } catch {
      return "\(error)"
    }
  }

  /// Watches over a Squid that is not our child until it ends; on cancellation it is ended as ours would be.
  private func takeOver(_ process: RunningProcess) async {
    set(process)
    logger.warning(
      "a Squid of an earlier run is taken over", metadata: ["instance": "\(name)", "pid": "\(process.identifier)"])
    while process.isSquid(named: name), !Task.isCancelled {
      // Between two looks: only a parent is told when a process ends.
      try? await Task.sleep(for: .milliseconds(200))
    }
    if Task.isCancelled { await end(process) }
    set(nil)
  }

  /// Ends a process that is not our child.
  private func end(_ process: RunningProcess) async {
    process.send(SIGTERM)
    let deadline = ContinuousClock.now + .seconds(settings.drainSeconds + 5)
    // The task is cancelled, so the waiting must be in one that is not.
    await Task.detached { [name] in
      while process.isSquid(named: name), ContinuousClock.now < deadline {
        // Between two looks, as above.
        try? await Task.sleep(for: .milliseconds(100))
      }
    }.value
    if process.isSquid(named: name) { process.send(SIGKILL) }
  }
}
