import Control
import DNSServer
import Logging
import ProxyRoutes
import ServiceLifecycle
import Steering
import UnixSignals

/// The parts of a running server, started in the order in which they need each other.
struct ServerParts {
  /// What is read of a cluster; nil if everything comes from files.
  private(set) var cluster: ClusterParts?
  /// The proxy engine; nil if the settings want none.
  private(set) var proxy: ProxyParts?
  let publisher: Publisher
  let server: DNSServer
  let notifier: Notifier

  /// Starts the parts; if one cannot be had, throws why and leaves none.
  init(_ settings: Settings, logger: Logger) async throws {
    var cluster: ClusterParts?
    var proxy: ProxyParts?
    do {
      cluster = try settings.cluster.map { try ClusterParts($0, logger: logger) }
      let publisher = try await Self.publisher(settings, cluster, logger)
      let snapshot = await publisher.current
      // Before any name is answered: its proxy accepts by then.
      proxy = try await Self.proxy(settings, serving: snapshot, logger)
      let server = try await DNSServer(
        DNSServer.Settings(
          endpoints: settings.endpoints, viewListeners: settings.viewListeners, threads: settings.threads,
          tcp: DescriptorLimit.fit(settings.tcp, logger), answers: settings.answers,
          keepsRecentAnswers: proxy != nil),
        serving: snapshot, queryLog: settings.queryLog.map { try LineLog(path: $0, name: "query log") })
      if let proxy {
        proxy.log.follow(server.recentAnswers)
        await publisher.add(proxy.engine)
      }
      await publisher.add(server)
      let notifier = Notifier(from: server.endpoints, logger: logger)
      await publisher.add(notifier)
      (self.publisher, self.server, self.notifier) = (publisher, server, notifier)
      (self.cluster, self.proxy) = (cluster, proxy)
    } catch {
      await proxy?.stop()
      await cluster?.stop()
      throw error
    }
  }

  /// The publisher of the first snapshot.
  private static func publisher(
    _ settings: Settings, _ cluster: ClusterParts?, _ logger: Logger
  ) async throws -> Publisher {
    guard let cluster else {
      return try await Publisher(
        paths: settings.policy, serials: SerialStore(folder: settings.stateFolder),
        secretFiles: settings.secretFiles, logger: logger)
    }
    return try await StopSignals.cancelling { try await cluster.publisher(settings) }
  }

  /// The proxy engine, if the settings want one.
  private static func proxy(
    _ settings: Settings, serving snapshot: Snapshot, _ logger: Logger
  ) async throws -> ProxyParts? {
    guard let proxy = settings.proxy else { return nil }
    let log = try settings.connectLog.map { try LineLog(path: $0, name: "connect log") }
    return try await ProxyParts(proxy, connectLog: log, serving: snapshot, logger: logger)
  }

  /// Serves until a signal says to stop, and stops what is not a service of its own.
  func run(_ settings: Settings, logger: Logger) async throws {
    // Signals are trapped before "listening" is printed: who reads it may send one at once.
    await notifier.publish(await publisher.current)
    let hangups = await UnixSignalsSequence(trapping: .sighup)
    var services: [any Service] = []
    // They are stopped from the last to the first: names are answered no more before the proxies drain.
    if let cluster { services.append(ClusterService(cluster: cluster, publisher: publisher)) }
    if let proxy { services.append(ProxyService(proxy: proxy)) }
    services.append(ServingService(server: server, logger: logger))
    services.append(
      ReloadService(publisher: publisher, hangups: hangups, seconds: settings.reloadSeconds))
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services, gracefulShutdownSignals: StopSignals.all,
        logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }))
    try await group.run()
    await cluster?.stop()
    await notifier.stop()
  }
}

/// The signals that end the server.
enum StopSignals {
  /// All of them.
  static let all: [UnixSignal] = [.sigterm, .sigint]

  /// Runs `body`, and cancels it when one of them comes: the first process of a container has them from nobody else.
  static func cancelling<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let signals = await UnixSignalsSequence(trapping: all)
    return try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        for await _ in signals { break }
        return nil
      }
      defer { group.cancelAll() }
      guard let result = try await group.next() ?? nil else { throw CancellationError() }
      return result
    }
  }
}
