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
        --admin ADDR:PORT  STEER_ADMIN_LISTEN                   admin: {listen: ADDR:PORT}
        --kubernetes is --kubernetes-policy and --kubernetes-inventory
        --kubernetes-policy
                           STEER_KUBERNETES_POLICY              kubernetes: {policy: true|false}
        --kubernetes-inventory
                           STEER_KUBERNETES_INVENTORY           kubernetes: {inventory: true|false}
        --kubeconfig FILE  STEER_KUBERNETES_KUBECONFIG          kubernetes: {kubeconfig: FILE}
        --context NAME     STEER_KUBERNETES_CONTEXT             kubernetes: {context: NAME}
                           STEER_KUBERNETES_STATUS              kubernetes: {status: true|false}
                           STEER_KUBERNETES_POD_NAME            kubernetes: {podName: NAME}
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
                           STEER_PROXY_ISOLATED                 proxy: {isolated: true|false}
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
      """
      A folder in which the last serial is kept, so that no restart lets serials go back, and what a cluster had, for a \
      start while its API server is away. Default: none.
      """,
      valueName: "dir"), completion: .directory)
  var stateFolder: String?

  @Option(
    help: ArgumentHelp(
      "An address and port to tell over HTTP how the server is: /livez, /readyz, /metrics, /explain. Default: none.",
      valueName: "addr:port"))
  var admin: String?

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
    try settings.requirePolicy()
    let logger = Self.logger(settings)
    let parts: ServerParts
    do {
      parts = try await ServerParts(settings, logger: logger)
    } catch is CancellationError {
      logger.info("stopped before there was anything to serve")
      return
    } catch {
      Self.report(error, settings, logger)
      throw ExitCode.failure
    }
    await log(parts, settings, logger)
    try await parts.run(settings, logger: logger)
    let counts = Counters.Kind.allCases.map { ($0.name, "\(parts.server.count($0))") }.filter { $0.1 != "0" }
    logger.info("stopped", metadata: Dictionary(uniqueKeysWithValues: counts.map { ($0, "\($1)") }))
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

  /// Logs what is served from the start.
  private func log(_ parts: ServerParts, _ settings: Settings, _ logger: Logger) async {
    let snapshot = await parts.publisher.current
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
    if let admin { flags[.adminListen] = .string(admin) }
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
