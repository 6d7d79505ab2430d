import ArgumentParser
import DNSWire
import Forwarders
import Foundation

/// `steer doctor`.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Probe the way from here to a zone, and print how to mend it.",
    discussion: """
      Run it in a pod, or on a node: it asks the resolver that programs there ask for the canary names of ZONE, and \
      finds out whom the server sees, and which caches, filters and forwarders stand between.

      It exits with 1 if anything is in error. A check that could not be made is 'skipped', never 'ok'.
      """)

  /// The most octets of a file that are read: resolv.conf and its like are small.
  private static let maximumFileSize = 65_536

  @Argument(help: "The zone's apex, or an alias of it.")
  var zone: String

  @Option(
    help: ArgumentHelp("A resolver to ask; repeatable. (default: those of resolv.conf)", valueName: "addr[:port]"))
  var resolver: [String] = []

  @Option(help: ArgumentHelp("Where the resolver configuration is.", valueName: "path"))
  var resolvConf = "/etc/resolv.conf"

  @Option(help: ArgumentHelp("Where the name service switch is.", valueName: "path"))
  var nsswitch = "/etc/nsswitch.conf"

  @Option(
    help: ArgumentHelp(
      "A second address of this host, with another identity: proves whether a cache is shared.", valueName: "addr"))
  var alsoFrom: String?

  @Option(help: "A name of the zone that programs look up.")
  var name: String?

  @Option(help: "The namespace we are in. (default: that of the pod's service account)")
  var namespace: String?

  @Option(help: ArgumentHelp("The server itself, if it can be reached from here.", valueName: "addr[:port]"))
  var server: String?

  @Option(help: "How long to wait for an answer, in seconds, up to 30; over UDP twice.")
  var timeout = 2.0

  @Option(name: .shortAndLong, help: "How to print: text or json.")
  var output = OutputFormat.text

  func validate() throws {
    guard timeout.isFinite, timeout > 0, timeout <= 30 else {
      throw ValidationError("--timeout is more than 0 and at most 30 seconds.")
    }
  }

  func run() throws {
    let options = try options()
    // Progress is for those who watch.
    let isWatched = isatty(STDERR_FILENO) == 1
    let doctor = Doctor(options, client: DNSClient(timeout: timeout)) { step in
      if isWatched { Output.error("… \(step)") }
    }
    let report = doctor.run()
    switch output {
    case .json: try Output.json(report)
    case .text: print(report.text)
    }
    if report.hasErrors { throw ExitCode.failure }
  }

  private func options() throws -> Doctor.Options {
    let configuration = Self.read(resolvConf).map { ResolverConfiguration($0) }
    var resolvers = try resolver.map { try Self.endpoint($0) }
    if resolvers.isEmpty {
      guard let configuration else { throw ValidationError("\(resolvConf) cannot be read; name --resolver ADDRESS.") }
      resolvers = configuration.nameservers.map { Endpoint(address: $0, port: 53) }
    }
    guard !resolvers.isEmpty else {
      throw ValidationError("\(resolvConf) names no resolver; name --resolver ADDRESS.")
    }
    guard resolvers.count <= Doctor.maximumResolvers else {
      throw ValidationError("At most \(Doctor.maximumResolvers) resolvers can be asked.")
    }
    var options = Doctor.Options(zone: try Self.domainName(zone), resolvers: resolvers)
    options.configuration = configuration
    options.nameServices = Self.read(nsswitch).map { NameServiceSwitch($0) }
    options.name = try name.map { try Self.domainName($0) }
    if let name = options.name, !name.isAtOrBelow(options.zone) {
      throw ValidationError("'\(name.relativeDescription)' is not in \(options.zone.relativeDescription).")
    }
    options.server = try server.map { try Self.endpoint($0) }
    options.alsoFrom = try alsoFrom.map { text in
      guard let address = IPAddress(text) else { throw ValidationError("'\(text)' is not an IP address.") }
      return address
    }
    let mounted = Self.read("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
    options.namespace = namespace ?? mounted?.trimmingCharacters(in: .whitespacesAndNewlines)
    return options
  }

  private static func domainName(_ text: String) throws -> DomainName {
    do {
      return try DomainName(text)
    } catch {
      throw ValidationError("'\(text)' is not a domain name: \(error)")
    }
  }

  private static func endpoint(_ text: String) throws -> Endpoint {
    if let address = IPAddress(text) { return Endpoint(address: address, port: 53) }
    guard let endpoint = Endpoint(text), endpoint.port != 0 else {
      throw ValidationError(
        "'\(text)' is not ADDRESS or ADDRESS:PORT; write an IPv6 address with a port in brackets.")
    }
    return endpoint
  }

  /// The beginning of a file as text; nil if it cannot be read.
  private static func read(_ path: String) -> String? {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? file.close() }
    guard let data = try? file.read(upToCount: maximumFileSize) else { return nil }
    return String(decoding: data, as: UTF8.self)
  }
}
