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
  private var cluster: ClusterParts?
  /// What tells how the server is; nil if the settings want nothing.
  private var admin: AdminParts?
  /// The proxy engine; nil if the settings want none.
  private var proxy: ProxyParts?
  /// What serves, and what turns changes into it.
  let publisher: Publisher
  /// What answers.
  let server: DNSServer
  private let notifier: Notifier

  /// Starts the parts; if one cannot be had, throws why and leaves none.
  init(_ settings: Settings, logger: Logger) async throws {
    let serials = try SerialStore(folder: settings.stateFolder)
    var cluster: ClusterParts?
    var admin: AdminParts?
    var proxy: ProxyParts?
    do {
      cluster = try settings.cluster.map {
        try ClusterParts($0, stateFolder: settings.stateFolder, logger: logger)
      }
      // Before there is anything to serve: whoever starts the server wants to know how far it is.
      if let endpoint = settings.adminEndpoint {
        admin = try await AdminParts(at: endpoint, cluster: cluster, logger: logger)
      }
      let publisher = try await Self.publisher(settings, cluster, admin, serials, logger)
      // Before any name is answered: its proxy accepts by then.
      proxy = try await Self.proxy(settings, serving: await publisher.current, logger)
      if let proxy { try await publisher.start(proxy.engine) }
      let snapshot = await publisher.current
      let server = try await DNSServer(
        DNSServer.Settings(
          endpoints: settings.endpoints, viewListeners: settings.viewListeners, threads: settings.threads,
          tcp: DescriptorLimit.fit(settings.tcp, logger), answers: settings.answers,
          keepsRecentAnswers: proxy != nil),
        serving: snapshot, queryLog: settings.queryLog.map { try LineLog(path: $0, name: "query log") })
      proxy?.log.follow(server.recentAnswers)
      await publisher.add(server)
      await publisher.add(AddressChangeLog(after: publisher.current, askers: server.askers, logger: logger))
      let notifier = Notifier(from: server.endpoints, logger: logger)
      await publisher.add(notifier)
      if let admin {
        admin.server.publish(snapshot)
        await publisher.add(admin.server)
      }
      (self.publisher, self.server, self.notifier) = (publisher, server, notifier)
      (self.cluster, self.admin, self.proxy) = (cluster, admin, proxy)
    } catch {
      await proxy?.stop()
      await admin?.server.stop()
      await cluster?.stop()
      throw error
    }
  }

  /// The publisher of the first snapshot.
  private static func publisher(
    _ settings: Settings, _ cluster: ClusterParts?, _ admin: AdminParts?, _ serials: SerialStore, _ logger: Logger
  ) async throws -> Publisher {
    guard let cluster else {
      return try await Publisher(
        paths: settings.policy, serials: serials, secretFiles: settings.secretFiles, logger: logger)
    }
    return try await StopSignals.cancelling {
      try await cluster.publisher(settings, serials: serials, admin: admin)
    }
  }

  /// The proxy engine, if the settings want one.
  private static func proxy(
    _ settings: Settings, serving snapshot: Snapshot, _ logger: Logger
  ) async throws -> ProxyParts? {
    guard var proxy = settings.proxy else { return nil }
    let own =
      settings.endpoints + settings.viewListeners.map(\.endpoint) + [settings.adminEndpoint].compactMap(\.self)
    let takesAll = proxy.addresses.isEmpty || proxy.addresses.contains { $0.octets.allSatisfy { $0 == 0 } }
    let shared = own.filter { endpoint in
      takesAll || proxy.addresses.contains(endpoint.address) || endpoint.address.octets.allSatisfy { $0 == 0 }
    }
    proxy.reservedPorts = Set(shared.map(\.port))
    let log = try settings.connectLog.map { try LineLog(path: $0, name: "connect log") }
    return try await ProxyParts(proxy, connectLog: log, serving: snapshot, logger: logger)
  }

  /// Serves until a signal says to stop, and stops what is no service of its own.
  func run(_ settings: Settings, logger: Logger) async throws {
    // Signals are trapped before "listening" is printed: who reads it may send one at once.
    await notifier.publish(await publisher.current)
    let hangups = await UnixSignalsSequence(trapping: .sighup)
    var services: [any Service] = []
    // They are stopped from the last to the first: names are answered no more before the proxies drain.
    if let cluster { services.append(ClusterService(cluster: cluster, admin: admin, publisher: publisher)) }
    if let proxy { services.append(ProxyService(proxy: proxy)) }
    services.append(ServingService(server: server, proxy: proxy, admin: admin, logger: logger))
    services.append(
      ReloadService(publisher: publisher, hangups: hangups, seconds: settings.reloadSeconds))
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services, gracefulShutdownSignals: StopSignals.all,
        logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }))
    try await group.run()
    await cluster?.stop()
    await admin?.server.stop()
    await notifier.stop()
  }
}
