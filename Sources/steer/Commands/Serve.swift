import ArgumentParser
import Configuration
import Control
import DNSServer
import Foundation
import Logging
import ProxyRoutes
import ServiceLifecycle
import Steering
import UnixSignals

/// `steer serve`.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve DNS from a policy.",
    discussion: """
      Prints 'listening' and its addresses to standard output once it answers; logs go to standard error.

      A changed file, or SIGHUP, loads the policy anew. A policy with errors is refused: its faults are logged, and \
      the last good one serves on. SIGTERM and SIGINT answer what was received, then exit with 0.

      SETTINGS  a flag wins over the environment, the environment over the --config file:
        --policy PATH      STEER_POLICY (comma-separated)       policy: [PATH]
        --listen ADDR:PORT STEER_LISTEN (comma-separated)       listen: [ADDR:PORT]
        --listen-view NS=ADDR:PORT
                           STEER_LISTEN_VIEW                    listenView: [NS=ADDR:PORT]
        --query-log FILE   STEER_QUERY_LOG                      queryLog: FILE
        --threads N        STEER_THREADS                        threads: N
        --log-level LEVEL  STEER_LOG_LEVEL                      log: {level: LEVEL}
        --log-format FORM  STEER_LOG_FORMAT                     log: {format: text|json}
        --state-folder DIR STEER_STATE_FOLDER                   state: {folder: DIR}
        --reload-seconds N STEER_RELOAD_SECONDS                 reload: {seconds: N}
        --cookie-secrets FILE
                           STEER_COOKIES_SECRETS                cookies: {secrets: FILE}
                           STEER_MINIMAL_RESPONSES              minimalResponses: yes|no-auth|no
                           STEER_SERVER_VERSION                 server: {version: TEXT}
                           STEER_SERVER_ID                      server: {id: TEXT}
                           STEER_TCP_CONNECTIONS                tcp: {connections: N}
                           STEER_TCP_CONNECTIONS_PER_CLIENT     tcp: {connectionsPerClient: N}
                           STEER_TCP_IDLE_SECONDS               tcp: {idleSeconds: N}
                           STEER_TCP_MESSAGES_PER_SECOND        tcp: {messagesPerSecond: N}
                           STEER_TCP_TRANSFERS                  tcp: {transfers: N}
                           STEER_TCP_TRANSFERS_PER_CLIENT       tcp: {transfersPerClient: N}
        --tsig-keys FILE   STEER_TSIG_KEYS                      tsig: {keys: FILE}
                           STEER_PROXY_ENGINE                   proxy: {engine: none|squid}
                           STEER_PROXY_SUPERVISE                proxy: {supervise: true|false}
                           STEER_PROXY_FOLDER                   proxy: {folder: DIR}
                           STEER_PROXY_SOCKET                   proxy: {socket: FILE}
                           STEER_PROXY_SQUID                    proxy: {squid: FILE}
                           STEER_PROXY_USER                     proxy: {user: NAME}
                           STEER_PROXY_INSTANCES                proxy: {instances: N}
                           STEER_PROXY_LISTEN                   proxy: {listen: [ADDR]}
                           STEER_PROXY_CONNECT_LOG              proxy: {connectLog: FILE}
                           STEER_PROXY_ACCESS_LOG               proxy: {accessLog: FILE}
                           STEER_PROXY_DRAIN_SECONDS            proxy: {drainSeconds: N}
      """)

  @OptionGroup var source: PolicyOptions

  @Option(
    help: ArgumentHelp(
      "An address and port to answer on, UDP and TCP; may be repeated. Default: 127.0.0.1:5300.",
      valueName: "addr:port"))
  var listen: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      An address and port to answer on, where a trusted forwarder's queries are those of a namespace's pods; for \
      forwarders that can tell the client in no other way. May be repeated.
      """, valueName: "namespace=addr:port"))
  var listenView: [String] = []

  @Option(
    help: ArgumentHelp(
      "A file that a line of JSON is added to for every query; - for standard output. Default: none.",
      valueName: "file"), completion: .file())
  var queryLog: String?

  @Option(
    help: ArgumentHelp(
      """
      A file with the secrets of DNS cookies, 32 hexadecimal digits a line, the first one in use; for servers that \
      share an address. Default: a secret that nobody else knows.
      """, valueName: "file"), completion: .file())
  var cookieSecrets: String?

  @Option(help: "UDP worker threads for each address. Default: one per core.")
  var threads: Int?

  @Option(help: "trace, debug, info, notice, warning, error or critical. Default: info.")
  var logLevel: String?

  @Option(help: "text or json. Default: text.")
  var logFormat: String?

  @Option(
    help: ArgumentHelp(
      "A folder in which the last serial is kept, so that no restart lets serials go back. Default: none.",
      valueName: "dir"), completion: .directory)
  var stateFolder: String?

  @Option(
    help: ArgumentHelp(
      "A file of the keys that secondaries sign their requests with. Default: none.", valueName: "file"),
    completion: .file())
  var tsigKeys: String?

  @Option(help: "How often files are looked at for a change, in seconds; 0 for never. Default: 1.")
  var reloadSeconds: Int?

  func run() async throws {
    Self.openStandardStreams()
    let settings = try await Settings.orExit(flags: flags, file: source.config)
    guard !settings.policy.isEmpty else {
      throw ValidationError("Name the policy: --policy PATH, STEER_POLICY, or 'policy' in the configuration file.")
    }
    let logger = Self.logger(settings)
    let tcp = DescriptorLimit.fit(settings.tcp, logger)
    let publisher: Publisher
    let server: DNSServer
    var proxy: ProxyParts?
    do {
      publisher = try Publisher(
        paths: settings.policy, serials: SerialStore(folder: settings.stateFolder),
        secretFiles: settings.secretFiles, logger: logger)
      // Before any name is answered: its proxy accepts by then.
      proxy = try await Self.proxy(settings, serving: await publisher.current, logger)
      server = try await DNSServer(
        DNSServer.Settings(
          endpoints: settings.endpoints, viewListeners: settings.viewListeners, threads: settings.threads,
          tcp: tcp, answers: settings.answers, keepsRecentAnswers: proxy != nil),
        serving: publisher.current, queryLog: settings.queryLog.map { try LineLog(path: $0, name: "query log") })
    } catch {
      await proxy?.stop()
      Self.report(error, settings, logger)
      throw ExitCode.failure
    }
    if let proxy {
      proxy.log.follow(server.recentAnswers)
      await publisher.add(proxy.engine)
    }
    await publisher.add(server)
    await publisher.add(AddressChangeLog(after: publisher.current, askers: server.askers, logger: logger))
    let notifier = Notifier(from: server.endpoints, logger: logger)
    await publisher.add(notifier)
    try await serve(server, proxy, notifier, publisher, settings, logger)
    await notifier.stop()
  }

  /// Opens those of the standard streams that are closed, so that no socket takes their place.
  private static func openStandardStreams() {
    for stream in Int32(0)...2 where fcntl(stream, F_GETFD) == -1 { _ = unsafe open("/dev/null", O_RDWR) }
  }

  /// Says why the server cannot start: to people as lines, to programs as log events.
  private static func report(_ error: any Error, _ settings: Settings, _ logger: Logger) {
    let diagnostics = (error as? Publisher.Refused)?.diagnostics ?? []
    let reason = diagnostics.isEmpty ? "\(error)" : "the policy is refused; \(diagnostics.summary)"
    switch settings.logFormat {
    case .text:
      for diagnostic in diagnostics { Output.error(diagnostic.description) }
      Output.error("cannot start: \(reason)")
    case .json:
      logger.log(diagnostics)
      logger.critical("cannot start", metadata: ["reason": "\(reason)"])
    }
  }

  /// The proxy engine, if the settings want one.
  private static func proxy(
    _ settings: Settings, serving snapshot: Snapshot, _ logger: Logger
  ) async throws -> ProxyParts? {
    guard let proxy = settings.proxy else { return nil }
    let log = try settings.connectLog.map { try LineLog(path: $0, name: "connect log") }
    return try await ProxyParts(proxy, connectLog: log, serving: snapshot, logger: logger)
  }

  private func serve(
    _ server: DNSServer, _ proxy: ProxyParts?, _ notifier: Notifier, _ publisher: Publisher, _ settings: Settings,
    _ logger: Logger
  ) async throws {
    let snapshot = await publisher.current
    logger.info(
      "serving",
      metadata: [
        "generation": "\(snapshot.generation)", "zones": "\(snapshot.apexes.count)",
        "routes": "\(snapshot.routes.count)", "views": "\(snapshot.viewCount)", "pods": "\(snapshot.pods.count)",
      ])
    for listener in settings.viewListeners {
      guard let obstacle = snapshot.obstacle(to: listener.view) else { continue }
      logger.warning(
        "a view's listener will not serve it",
        metadata: ["namespace": "\(listener.view.namespace)", "reason": "\(obstacle)"])
    }
    // Signals are trapped before "listening" is printed: who reads it may send one at once.
    await notifier.publish(snapshot)
    let hangups = await UnixSignalsSequence(trapping: .sighup)
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        // They are stopped from the last to the first: names are answered no more before the proxies drain.
        services: (proxy.map { [ProxyService(proxy: $0)] } ?? []) + [
          ServingService(server: server, logger: logger),
          ReloadService(publisher: publisher, hangups: hangups, seconds: settings.reloadSeconds),
        ],
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }))
    try await group.run()
    let counts = Counters.Kind.allCases.map { ($0.name, "\(server.count($0))") }.filter { $0.1 != "0" }
    logger.info("stopped", metadata: Dictionary(uniqueKeysWithValues: counts.map { ($0, "\($1)") }))
  }

  private var flags: [Settings.Key: ConfigContent] {
    var flags = source.flags
    if !listen.isEmpty { flags[.listen] = .stringArray(listen) }
    if !listenView.isEmpty { flags[.listenView] = .stringArray(listenView) }
    if let queryLog { flags[.queryLog] = .string(queryLog) }
    if let cookieSecrets { flags[.cookieSecrets] = .string(cookieSecrets) }
    if let threads { flags[.threads] = .int(threads) }
    if let logLevel { flags[.logLevel] = .string(logLevel) }
    if let logFormat { flags[.logFormat] = .string(logFormat) }
    if let stateFolder { flags[.stateFolder] = .string(stateFolder) }
    if let tsigKeys { flags[.tsigKeys] = .string(tsigKeys) }
    if let reloadSeconds { flags[.reloadSeconds] = .int(reloadSeconds) }
    return flags
  }

  private static func logger(_ settings: Settings) -> Logger {
    var logger = Logger(label: "steer") { label -> any LogHandler in
      switch settings.logFormat {
      case .json: JSONLogHandler()
      case .text: StreamLogHandler.standardError(label: label)
      }
    }
    logger.logLevel = settings.logLevel
    return logger
  }
}
