import Configuration
import Control
import DNSServer
import DNSWire
import Foundation
import Logging
import ProxyRoutes
import Steering
import SystemPackage

/// What a setting was given that it cannot take.
struct SettingError: Error, CustomStringConvertible {
  let description: String
}

/// The settings of the server: flags first, then the environment (`STEER_…`), then a YAML file, then defaults.
struct Settings {
  /// How log lines look.
  enum LogFormat: String, CaseIterable {
    case text, json
  }

  /// A key of the configuration file and its place among the flags.
  enum Key: String, CaseIterable {
    case policy
    case listen
    case listenView
    case queryLog
    case threads
    case logLevel = "log.level"
    case logFormat = "log.format"
    case stateFolder = "state.folder"
    case reloadSeconds = "reload.seconds"
    case minimalResponses
    case serverVersion = "server.version"
    case serverID = "server.id"
    case cookieSecrets = "cookies.secrets"
    case tcpConnections = "tcp.connections"
    case tcpConnectionsPerClient = "tcp.connectionsPerClient"
    case tcpIdleSeconds = "tcp.idleSeconds"
    case tcpMessagesPerSecond = "tcp.messagesPerSecond"
    case tcpTransfers = "tcp.transfers"
    case tcpTransfersPerClient = "tcp.transfersPerClient"
    case tsigKeys = "tsig.keys"
    case proxyEngine = "proxy.engine"
    case proxySupervise = "proxy.supervise"
    case proxyFolder = "proxy.folder"
    case proxyIsolated = "proxy.isolated"
    case proxySocket = "proxy.socket"
    case proxySquid = "proxy.squid"
    case proxyUser = "proxy.user"
    case proxyInstances = "proxy.instances"
    case proxyListen = "proxy.listen"
    case proxyConnectLog = "proxy.connectLog"
    case proxyAccessLog = "proxy.accessLog"
    case proxyDrainSeconds = "proxy.drainSeconds"
    case kubernetesPolicy = "kubernetes.policy"
    case kubernetesInventory = "kubernetes.inventory"
    case kubernetesKubeconfig = "kubernetes.kubeconfig"
    case kubernetesContext = "kubernetes.context"
    case kubernetesStatus = "kubernetes.status"
    case kubernetesPodName = "kubernetes.podName"
    case adminListen = "admin.listen"

    var configKey: ConfigKey { ConfigKey(rawValue) }

    /// A value that the key takes in the configuration file.
    var example: String {
      switch self {
      case .policy: "[zones/]"
      case .listen: "[127.0.0.1:5300]"
      case .listenView: "[team-a=127.0.0.1:5301]"
      case .queryLog: "queries.log"
      case .threads: "2"
      case .logLevel: "info"
      case .logFormat: "json"
      case .stateFolder: "state"
      case .reloadSeconds: "1"
      case .minimalResponses: "no-auth"
      case .serverVersion: "steer"
      case .serverID: "ns1"
      case .cookieSecrets: "cookies.secrets"
      case .tcpConnections: "1024"
      case .tcpConnectionsPerClient: "256"
      case .tcpIdleSeconds: "30"
      case .tcpMessagesPerSecond: "10000"
      case .tcpTransfers: "10"
      case .tcpTransfersPerClient: "4"
      case .tsigKeys: "tsig-keys.yaml"
      case .proxyEngine: "squid"
      case .proxySupervise: "true"
      case .proxyFolder: "/run/steer/proxy"
      case .proxyIsolated: "true"
      case .proxySocket: "/run/steer/proxy/decisions.socket"
      case .proxySquid: "/usr/sbin/squid"
      case .proxyUser: "proxy"
      case .proxyInstances: "2"
      case .proxyListen: "[10.8.1.1]"
      case .proxyConnectLog: "connects.log"
      case .proxyAccessLog: "access.log"
      case .proxyDrainSeconds: "30"
      case .kubernetesPolicy: "true"
      case .kubernetesInventory: "true"
      case .kubernetesKubeconfig: "/etc/steer/kubeconfig"
      case .kubernetesContext: "production"
      case .kubernetesStatus: "true"
      case .kubernetesPodName: "steer-0"
      case .adminListen: "127.0.0.1:9153"
      }
    }
  }

  /// Folders and files of the policy.
  var policy: [String]
  /// Where to listen.
  var endpoints: [Endpoint]
  /// Where to listen for the queries of one namespace's pods.
  var viewListeners: [DNSServer.ViewListener]
  /// The file of the query log, if there is one.
  var queryLog: String?
  /// UDP workers per endpoint.
  var threads: Int
  var tcp: TCPLimits
  /// How queries are answered, besides what the policy says.
  var answers: AnswerSettings
  /// Where secrets are read from.
  var secretFiles: SecretFiles
  var logLevel: Logger.Level
  var logFormat: LogFormat
  /// Where the last serial is kept, if anywhere.
  var stateFolder: String?
  /// How often files are looked at for a change, in seconds; 0 is never.
  var reloadSeconds: Int
  /// How the proxy engine is run; nil if there is none.
  var proxy: ProxySettings?
  /// The file of the CONNECT decisions, if there is one.
  var connectLog: String?
  /// What is read of a cluster; nil if everything comes from files.
  var cluster: ClusterSettings?
  /// Where to tell over HTTP how the server is, if anywhere.
  var adminEndpoint: Endpoint?

  /// Gathers the settings; throws a `SettingError` that says which one is wrong and what it takes.
  init(flags: [Key: ConfigContent], file: String?) async throws {
    let reader = try await Self.reader(flags: flags, file: file)
    policy = try await reader.strings(.policy) ?? []
    let listen = try await reader.strings(.listen) ?? ["127.0.0.1:5300"]
    endpoints = try listen.map { try Self.endpoint($0, .listen) }
    viewListeners = try (await reader.strings(.listenView) ?? []).map(Self.viewListener)
    queryLog = try await reader.string(.queryLog)
    let fixed = (endpoints + viewListeners.map(\.endpoint)).filter { $0.port != 0 }
    guard Set(fixed).count == fixed.count else {
      throw SettingError(description: "listen: an address is named twice; name each once")
    }
    threads = try await reader.integer(.threads, in: 1...256) ?? ProcessInfo.processInfo.activeProcessorCount
    tcp = TCPLimits(
      connections: try await reader.integer(.tcpConnections, in: 1...1_000_000) ?? TCPLimits().connections,
      connectionsPerClient: try await reader.integer(.tcpConnectionsPerClient, in: 1...1_000_000)
        ?? TCPLimits().connectionsPerClient,
      idleSeconds: try await reader.integer(.tcpIdleSeconds, in: 1...3600) ?? TCPLimits().idleSeconds,
      messagesPerSecond: try await reader.integer(.tcpMessagesPerSecond, in: 1...10_000_000)
        ?? TCPLimits().messagesPerSecond,
      transfers: try await reader.integer(.tcpTransfers, in: 0...10_000) ?? TCPLimits().transfers,
      transfersPerClient: try await reader.integer(.tcpTransfersPerClient, in: 0...10_000)
        ?? TCPLimits().transfersPerClient)
    answers = AnswerSettings(
      minimalResponses: try await reader.choice(.minimalResponses, of: AnswerSettings.MinimalResponses.self)
        ?? AnswerSettings().minimalResponses,
      version: try await reader.characterString(.serverVersion),
      identifier: try await reader.characterString(.serverID))
    secretFiles = SecretFiles(
      cookies: try await reader.string(.cookieSecrets), keys: try await reader.string(.tsigKeys))
    logLevel = try await reader.choice(.logLevel, of: Logger.Level.self) ?? .info
    logFormat = try await reader.choice(.logFormat, of: LogFormat.self) ?? .text
    stateFolder = try await reader.string(.stateFolder)
    reloadSeconds = try await reader.integer(.reloadSeconds, in: 0...3600) ?? 1
    proxy = try await Self.proxy(reader)
    connectLog = try await reader.string(.proxyConnectLog)
    cluster = try await ClusterSettings(reader)
    adminEndpoint = try await reader.string(.adminListen).map { try Self.endpoint($0, .adminListen) }
    if let adminEndpoint, let taken = fixed.first(where: adminEndpoint.excludes) {
      throw SettingError(
        description: "admin.listen: \(adminEndpoint) cannot be listened at beside \(taken), which is for DNS; "
          + "give --admin another port")
    }
  }

  /// Reads `ADDR:PORT`.
  private static func endpoint(_ text: String, _ key: Key) throws -> Endpoint {
    guard let endpoint = Endpoint(text) else {
      throw SettingError(
        description: "\(key.rawValue): '\(text)' is not ADDRESS:PORT; write 127.0.0.1:5300 or [::1]:5300")
    }
    return endpoint
  }

  /// The engines that there are.
  private enum ProxyEngineName: String, CaseIterable {
    case none, squid
  }

  /// Where the proxy's files are unless a setting says so: the process's own folder of the system, if it may have it.
  static var defaultProxyFolder: String {
    geteuid() == 0 ? "/run/steer/proxy" : NSTemporaryDirectory() + "steer-\(geteuid())/proxy"
  }

  /// A path that Squid is told, absolute; throws if Squid would not read it as one.
  private static func squidPath(_ path: String, _ key: Key) throws -> String {
    guard !path.isEmpty, !path.contains(where: { $0.isWhitespace || "\"'$#\\%".contains($0) }) else {
      throw SettingError(
        description: "\(key.rawValue): Squid does not read '\(path)' as one path; use letters, digits and -_./")
    }
    var absolute = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
    while absolute.count > 1, absolute.hasSuffix("/") { absolute.removeLast() }
    return absolute
  }

  private static func proxy(_ reader: ConfigReader) async throws -> ProxySettings? {
    guard try await reader.choice(.proxyEngine, of: ProxyEngineName.self) == .squid else { return nil }
    func path(_ key: Key) async throws -> String? {
      try await reader.string(key).map { try squidPath($0, key) }
    }
    var proxy = ProxySettings(folder: try await path(.proxyFolder) ?? defaultProxyFolder)
    // The helper is this program, wherever it is.
    proxy.helper = [
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "steer", "proxy-helper",
    ]
    proxy.isIsolated = try await reader.boolean(.proxyIsolated) ?? proxy.isIsolated
    proxy.isSupervised = try await reader.boolean(.proxySupervise) ?? proxy.isSupervised
    proxy.socket = try await path(.proxySocket) ?? proxy.socket
    proxy.squid = try await reader.string(.proxySquid) ?? proxy.squid
    proxy.user = try await reader.string(.proxyUser) ?? proxy.user
    proxy.instances = try await reader.integer(.proxyInstances, in: 1...16) ?? proxy.instances
    proxy.accessLog = try await path(.proxyAccessLog) ?? proxy.accessLog
    proxy.drainSeconds = try await reader.integer(.proxyDrainSeconds, in: 0...86_400) ?? proxy.drainSeconds
    proxy.addresses = try (await reader.strings(.proxyListen) ?? []).map { text in
      guard let address = IPAddress(text) else {
        throw SettingError(description: "proxy.listen: '\(text)' is not an IP address; write 10.8.1.1")
      }
      return address
    }
    return proxy
  }

  /// Reads `NAMESPACE=ADDR:PORT`.
  private static func viewListener(_ text: String) throws -> DNSServer.ViewListener {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, let endpoint = Endpoint(parts[1]) else {
      throw SettingError(
        description: "listenView: '\(text)' is not NAMESPACE=ADDRESS:PORT; write team-a=127.0.0.1:5301")
    }
    return DNSServer.ViewListener(ListenerView(namespace: parts[0]), at: endpoint)
  }

  private static func reader(flags: [Key: ConfigContent], file: String?) async throws -> ConfigReader {
    let values = flags.map { (AbsoluteConfigKey($0.key.configKey), ConfigValue($0.value, isSecret: false)) }
    var providers: [any ConfigProvider] = [
      InMemoryProvider(name: "flags", values: Dictionary(uniqueKeysWithValues: values)),
      EnvironmentVariablesProvider().prefixKeys(with: "steer"),
    ]
    if let file {
      try SettingsFile.check(file)
      do {
        providers.append(try await FileProvider<YAMLSnapshot>(filePath: FilePath(file)))
      } catch {
        throw SettingError(description: "\(file): \(error)")
      }
    }
    return ConfigReader(providers: providers)
  }
}

extension Endpoint {
  /// Whether an HTTP server here leaves no port for a DNS server at `other`: they share an address or one is for all.
  fileprivate func excludes(_ other: Endpoint) -> Bool {
    guard port != 0, port == other.port else { return false }
    let (all, allIPv4) = (IPAddress(high: 0, low: 0), IPAddress(v4: 0))
    if address == all || address == other.address { return true }
    return address.isIPv4 == other.address.isIPv4
      && [address, other.address].contains(address.isIPv4 ? allIPv4 : all)
  }
}
