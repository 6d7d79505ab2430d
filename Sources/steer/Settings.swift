import Configuration
import Control
import DNSServer
import DNSWire
import Foundation
import Logging
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

  /// Gathers the settings; throws a `SettingError` that says which one is wrong and what it takes.
  init(flags: [Key: ConfigContent], file: String?) async throws {
    let reader = try await Self.reader(flags: flags, file: file)
    policy = try await reader.strings(.policy) ?? []
    let listen = try await reader.strings(.listen) ?? ["127.0.0.1:5300"]
    endpoints = try listen.map { text in
      guard let endpoint = Endpoint(text) else {
        throw SettingError(
          description: "listen: '\(text)' is not ADDRESS:PORT; write 127.0.0.1:5300 or [::1]:5300")
      }
      return endpoint
    }
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

extension ConfigReader {
  fileprivate func string(_ key: Settings.Key) async throws -> String? {
    try await fetch(key, "text") { try await fetchString(forKey: key.configKey) }
  }

  /// A text that one string of a TXT record can hold.
  fileprivate func characterString(_ key: Settings.Key) async throws -> String? {
    guard let text = try await string(key) else { return nil }
    guard (1...255).contains(text.utf8.count) else {
      throw SettingError(description: "\(key.rawValue): the text has \(text.utf8.count) octets; 1 to 255 fit")
    }
    return text
  }

  fileprivate func strings(_ key: Settings.Key) async throws -> [String]? {
    try await fetch(key, "a list, such as [one, two]") { try await fetchStringArray(forKey: key.configKey) }
  }

  fileprivate func integer(_ key: Settings.Key, in range: ClosedRange<Int>) async throws -> Int? {
    let expected = "a number from \(range.lowerBound) to \(range.upperBound)"
    let value = try await fetch(key, expected) { try await fetchInt(forKey: key.configKey) }
    if let value, !range.contains(value) {
      throw SettingError(description: "\(key.rawValue): \(value) is not \(expected)")
    }
    return value
  }

  fileprivate func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: Settings.Key, of type: Choice.Type
  ) async throws -> Choice? {
    let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    guard let text = try await string(key) else { return nil }
    guard let choice = Choice(rawValue: text) else {
      throw SettingError(description: "\(key.rawValue): '\(text)' is none of \(choices)")
    }
    return choice
  }

  /// A value, or an error that names the setting and what it takes.
  private func fetch<Value>(
    _ key: Settings.Key, _ expected: String, _ body: () async throws -> Value?
  ) async throws -> Value? {
    do {
      return try await body()
    } catch {
      throw SettingError(description: "\(key.rawValue): the value is not \(expected)")
    }
  }
}
