import Foundation
import Glibc
import Logging
import Subprocess
import SystemPackage

/// The Squids that share one configuration and its listeners.
///
/// A new configuration is tried first, then read by one Squid after the other, each of which accepts again before the
/// next one's turn: no connection is refused meanwhile, and no tunnel ends.
actor SquidFleet {
  /// How long a Squid may take until it accepts on every listener.
  private static let patience = Duration.seconds(20)
  /// How often it is looked for tunnels that are left while the Squids drain.
  private static let drainCheck = Duration.milliseconds(200)

  /// How long nothing must have been decided before a Squid is told to read a configuration, and how long that is waited for.
  private static let quiet = (moment: Duration.milliseconds(3), patience: Duration.milliseconds(300))

  let instances: [SquidInstance]
  /// How many questions of the Squids were decided so far.
  private let decisionCount: @Sendable () -> UInt64
  private let settings: ProxySettings
  private let logger: Logger
  /// The configuration that serves, and the ports of its listeners.
  private var applied: (text: String, ports: Set<UInt16>)?
  private var supervision: Task<Void, Never>?
  /// The change that was asked for last; the next one waits for it.
  private var lastChange: Task<Void, any Error>?

  /// A fleet that does not run yet.
  init(settings: ProxySettings, logger: Logger, decisionCount: @escaping @Sendable () -> UInt64 = { 0 }) {
    self.decisionCount = decisionCount
    self.settings = settings
    self.logger = logger
    instances = settings.names.map { SquidInstance(name: $0, settings: settings, logger: logger) }
  }

  /// Serves from a configuration with listeners on `ports`, or throws a `SquidError` and goes on with the one before.
  ///
  /// With none the Squids end when their tunnels have drained: one without a listener does not run.
  /// Changes are made one after the other, in the order in which they were asked for.
  func apply(_ text: String?, ports: Set<UInt16>) async throws {
    try await inOrder { try await self.change(to: text, ports: ports) }
  }

  /// Has every Squid read the configuration that serves once more.
  func readAgain() async throws {
    try await inOrder {
      if let applied = await self.applied { try await self.reconfigure(applied.ports) }
    }
  }

  private func inOrder(_ body: @escaping @Sendable () async throws -> Void) async throws {
    let change = Task { [lastChange] in
      _ = await lastChange?.result
      try await body()
    }
    lastChange = change
    try await change.value
  }

  /// Lets the Squids drain, and ends them as soon as no tunnel is left; those that someone else runs go on.
  func stop() async {
    guard let supervision else { return }
    let ports = applied?.ports ?? []
    supervision.cancel()
    let hurrying = Task { [instances] in
      // Squid by itself waits for its shutdown_lifetime, whether anyone is there or not; and the kernel tells nobody
      // when the last connection ends, so it is looked for until the Squids have ended.
      while (try? await Task.sleep(for: Self.drainCheck)) != nil {
        guard ListenerTable.current().connectionCount(on: ports) == 0 else { continue }
        for instance in instances { await instance.process?.send(SIGINT) }
      }
    }
    await supervision.value
    hurrying.cancel()
    self.supervision = nil
  }

  /// Throws if Squid cannot have a port, or must not: another program that listens on it may be another Steer, and the
  /// kernel would divide the connections.
  ///
  /// Squids that an earlier run left behind listen rightly.
  private func checkFree(_ ports: Set<UInt16>) throws {
    let remedy = "give the route another listenerPort"
    let own = ports.intersection(settings.reservedPorts)
    guard own.isEmpty else {
      throw SquidError(description: "port \(Self.list(own.sorted())) is Steer's own; \(remedy)", ports: own)
    }
    guard settings.isSupervised else { return }
    let forbidden = ports.filter { !ListenerTable.mayListen(on: $0) }
    guard forbidden.isEmpty else {
      throw SquidError(
        description: "this user may not listen on port \(Self.list(forbidden.sorted())); \(remedy), above 1023",
        ports: forbidden)
    }
    guard supervision != nil || !isLeft else { return }
    let taken = ListenerTable.current().taken(ports, at: settings.addresses)
    guard taken.isEmpty else {
      throw SquidError(
        description: "another program listens on port \(Self.list(taken)); end it, or \(remedy)", ports: Set(taken))
    }
  }

  /// Whether Squids of an earlier run are there.
  private var isLeft: Bool {
    instances.contains { RunningProcess(pidFile: settings.pidFile(of: $0.name), name: $0.name) != nil }
  }

  /// Ports for a message: some of them, if there are many.
  private static func list(_ ports: [UInt16]) -> String {
    ports.prefix(5).map(String.init).joined(separator: ", ") + (ports.count > 5 ? " and \(ports.count - 5) more" : "")
  }

  private func change(to text: String?, ports: Set<UInt16>) async throws {
    guard text != applied?.text else { return }
    guard let text else {
      applied = nil
      return await stop()
    }
    let before = applied
    try await check(text)
    try checkFree(ports.subtracting(before?.ports ?? []))
    try write(text)
    do {
      if supervision == nil, settings.isSupervised {
        try await start(ports)
      } else {
        try await reconfigure(ports)
      }
      applied = (text, ports)
    } catch {
      guard let before else {
        await stop()
        throw error
      }
      logger.error("Squid goes back to its last configuration", metadata: ["reason": "\(error)"])
      try write(before.text)
      try? await reconfigure(before.ports)
      throw error
    }
  }

  /// Has Squid read a configuration without serving from it.
  private func check(_ text: String) async throws {
    let candidate = settings.configuration + ".new"
    try write(text, to: candidate)
    let result: ExecutionResult<Void, DiscardedOutput, StringOutput<UTF8>>
    do {
      result = try await Subprocess.run(
        .path(FilePath(settings.squid)), arguments: ["-k", "parse", "-n", "steercheck", "-f", candidate],
        output: .discarded, error: .string(limit: 16 << 20))
    } catch {
      // Whoever runs Squid elsewhere may have it where we cannot reach it.
      guard settings.isSupervised else { return }
      throw SquidError(
        description: "\(settings.squid) cannot be run: \(error); install Squid, or name it by proxy.squid")
    }
    guard !result.terminationStatus.isSuccess else { return }
    let faults = result.standardError.split(separator: "\n").filter {
      $0.contains("FATAL") || $0.contains("ERROR")
    }
    throw SquidError(
      description: "Squid refuses the configuration \(candidate): "
        + (faults.isEmpty ? "\(result.terminationStatus)" : faults.prefix(3).joined(separator: "; ")))
  }

  /// Starts the Squids, one after the other; throws if one does not come to accept.
  private func start(_ ports: Set<UInt16>) async throws {
    let before = ListenerTable.current()
    let wasLeft = isLeft
    supervision = Task { [instances] in
      await withTaskGroup { group in
        for instance in instances { group.addTask { await instance.run() } }
      }
    }
    // Of those that an earlier run left each has to read the configuration; the others read it as they start.
    if wasLeft {
      try await reconfigure(ports)
    } else {
      try await waitUntilAccepting(ports, sockets: instances.count, since: before, "the Squids")
    }
  }

  /// Has every Squid that runs read the configuration, one after the other.
  private func reconfigure(_ ports: Set<UInt16>) async throws {
    var count = 0
    for instance in instances {
      // Of Squids that someone else runs there may be fewer: the first one is waited for, the others are taken as found.
      let patience = settings.isSupervised || count == 0 ? Self.patience : .zero
      guard let process = try await running(instance, within: patience) else { continue }
      try await waitForQuiet()
      let before = ListenerTable.current()
      guard process.send(SIGHUP) else { continue }
      try await waitUntilAccepting(ports, sockets: 1, since: before, instance.name)
      count += 1
    }
    guard count > 0 else {
      throw SquidError(
        description: settings.isSupervised
          ? "no Squid runs; see \(settings.logFolder)"
          : "no Squid runs; start it: \(settings.squid) -N -n \(settings.names[0]) -f \(settings.configuration)")
    }
  }

  /// Waits for a moment in which no question is under way: a Squid that reads a configuration then refuses what it was
  /// asking about.
  private func waitForQuiet() async throws {
    let deadline = ContinuousClock.now + Self.quiet.patience
    var before: UInt64
    repeat {
      before = decisionCount()
      // An answer is with the Squid that waits for it well within this time.
      try await Task.sleep(for: Self.quiet.moment)
    } while decisionCount() != before && ContinuousClock.now < deadline
  }

  /// An instance's process once it can be told to reconfigure; nil if there is none in time.
  private func running(_ instance: SquidInstance, within patience: Duration) async throws -> RunningProcess? {
    let deadline = ContinuousClock.now + patience
    repeat {
      let process =
        settings.isSupervised
        ? await instance.process
        : RunningProcess(pidFile: settings.pidFile(of: instance.name), name: instance.name)
      if let process, process.handlesHangup { return process }
      // Between two looks: a process tells nobody that it has come so far.
      try await Task.sleep(for: .milliseconds(20))
    } while ContinuousClock.now < deadline
    return nil
  }

  private func waitUntilAccepting(
    _ ports: Set<UInt16>, sockets: Int, since before: ListenerTable, _ who: String
  ) async throws {
    let deadline = ContinuousClock.now + Self.patience
    let count = sockets * max(settings.addresses.count, 1)
    while !ListenerTable.current().hasNew(count, on: ports, since: before) {
      guard ContinuousClock.now < deadline else {
        let now = ListenerTable.current()
        let missing = ports.filter { !now.hasNew(count, on: [$0], since: before) }
        // Where all are missing, or one that was had before, it is Squid that is at fault.
        let areAtFault = missing.count < ports.count && missing.isDisjoint(with: applied?.ports ?? [])
        throw SquidError(
          description: "\(who) did not come to accept on port \(Self.list(missing.sorted())) "
            + "within \(Self.patience); see \(settings.logFolder), and whether another program has the port",
          ports: areAtFault ? missing : [])
      }
      // Between two looks: the kernel tells nobody of a new listener.
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  /// Replaces the configuration file as a whole.
  private func write(_ text: String) throws {
    let candidate = settings.configuration + ".new"
    try write(text, to: candidate)
    guard unsafe rename(candidate, settings.configuration) == 0 else {
      throw SquidError(description: "\(settings.configuration) cannot be written: \(Errno(rawValue: errno))")
    }
  }

  private func write(_ text: String, to file: String) throws {
    do {
      try Data(text.utf8).write(to: URL(filePath: file))
    } catch {
      throw SquidError(
        description: "\(file) cannot be written: \(error.localizedDescription); name another proxy.folder")
    }
  }
}
