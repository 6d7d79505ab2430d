import DNSServer
import Logging
import ProxyRoutes
import ServiceLifecycle
import Steering

/// The proxy engine and what decides for it, wired together.
struct ProxyParts: Sendable {
  let engine: ProxyEngine
  /// What is written down of each decision.
  let log: DecisionLog
  /// The file of the decisions, if there is one.
  private let lines: LineLog?
  private let lock: FolderLock
  private let account: SquidAccount
  private let socket: String
  private let server: DecisionServer
  private let health: ParentHealth
  private let logger: Logger

  /// Opens the socket at which decisions are asked for; the engine begins with its first snapshot.
  init(_ settings: ProxySettings, connectLog: LineLog?, serving snapshot: Snapshot, logger: Logger) async throws {
    account = try SquidAccount(settings)
    socket = settings.socket
    try account.makeFolders(settings)
    lock = try FolderLock(settings)
    let log = DecisionLog(to: connectLog)
    let health = ParentHealth(logger: logger)
    let connections = OpenConnections(logger: logger)
    let decider = Decider(snapshot, parents: health, connections: connections, log: log)
    let engine = ProxyEngine(
      settings: settings, decider: decider, health: health, connections: connections, logger: logger)
    server = try await DecisionServer(
      path: settings.socket, decider: decider, allowedUsers: [account.user],
      status: { (try? await engine.status().json) ?? [] }, logger: logger)
    self.engine = engine
    self.health = health
    self.log = log
    lines = connectLog
    self.logger = logger
    do {
      try account.share(socket: settings.socket)
    } catch {
      await stop()
      throw error
    }
  }

  /// Ends the Squids, then the socket at which they ask, then the log.
  func stop() async {
    await engine.stop()
    await server.stop()
    logReports()
    await lines?.end(within: Self.interval)
  }

  /// Makes the socket anew if its file was removed.
  fileprivate func keepSocket() async {
    do {
      guard try await server.listenAgainIfRemoved() else { return }
      try account.share(socket: socket)
      logger.warning("the decision socket was removed, and is made anew", metadata: ["socket": "\(socket)"])
    } catch {
      logger.error("helpers cannot connect to the decision socket", metadata: ["error": "\(error)"])
    }
  }

  /// Logs what policies in Report mode let through since the last time.
  fileprivate func logReports() {
    let (counts, dropped) = log.reports.drain()
    for (report, count) in counts {
      logger.notice(
        "enforceWouldDeny",
        metadata: ["client": "\(report.client)", "route": "\(report.route)", "connects": "\(count)"])
    }
    if dropped > 0 { logger.warning("enforceWouldDeny: more than fit the log", metadata: ["connects": "\(dropped)"]) }
  }
}

/// Looks after the proxy until it is told to stop, then lets its tunnels drain.
struct ProxyService: Service {
  let proxy: ProxyParts

  func run() async throws {
    await cancelWhenGracefulShutdown { await proxy.watch() }
    await proxy.stop()
  }
}

extension ProxyParts {
  /// How often connections and parents are looked after, and reports are logged.
  private static let interval = Duration.seconds(1)

  /// Checks the parents, and closes connections that are no longer allowed, until the task is cancelled.
  fileprivate func watch() async {
    await withTaskGroup { group in
      group.addTask { await health.run() }
      group.addTask {
        // A socket file that goes, a connection's end and a parent's state are told to nobody. Cancelled, it ends the loop.
        while (try? await Task.sleep(for: Self.interval)) != nil {
          await engine.look()
          await keepSocket()
          logReports()
        }
      }
    }
  }
}
