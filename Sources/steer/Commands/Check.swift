import ArgumentParser
import Control
import DNSWire
import Forwarders
import Steering
import SteeringPolicy

/// `steer check`.
struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Load and compile a policy as the server would, and report every fault.",
    discussion: """
      Each finding is printed as path:line:col: error: message [code]; all of them are, not the first only. \
      Exits with 1 if one of them is an error.

      With --corefile, the Corefile of CoreDNS or NodeLocal DNSCache is checked too: whether it asks Steer for the \
      zones, says who asked, lets no client say it, and keeps no answer. Without a policy, the blocks that set an \
      EDNS option are checked, and those of --zone.
      """)

  @OptionGroup var policy: SourceArguments

  @Option(
    help: ArgumentHelp(
      "The server's key file, which should have every key that the policy names.", valueName: "file"),
    completion: .file())
  var tsigKeys: String?

  @Option(
    help: ArgumentHelp("A Corefile, or a ConfigMap that has one (YAML, JSON).", valueName: "file"),
    completion: .file())
  var corefile: String?

  @Option(
    help: ArgumentHelp("A zone that the Corefile should forward to Steer; may be repeated.", valueName: "apex"),
    transform: ForwarderArgument.zone)
  var zone: [DomainName] = []

  @Option(
    help: ArgumentHelp(
      "An address at which the Corefile should reach Steer; may be repeated.", valueName: "addr[:port]"),
    transform: ForwarderArgument.endpoint)
  var server: [Endpoint] = []

  @Option(name: .shortAndLong, help: "How to print: text or json.")
  var output = OutputFormat.text

  /// What JSON output says.
  private struct Report: Codable {
    var ok: Bool
    var diagnostics: [DiagnosticReport]
    var generation: String?
    var routes: Int?
    var views: Int?
    var names: Int?
    var pods: Int?
    var corefile: CorefileReport?
  }

  func validate() throws {
    let isEmpty = try policy.isEmpty
    if isEmpty, corefile == nil {
      throw ValidationError(
        "Name the policy's folders or files, take it from the cluster with --kubernetes, or name a Corefile with --corefile."
      )
    }
    if isEmpty, tsigKeys != nil {
      throw ValidationError("--tsig-keys is checked beside a policy; name its folders or files.")
    }
    if corefile == nil, !zone.isEmpty || !server.isEmpty {
      throw ValidationError("--zone and --server say what is expected of --corefile FILE; name one.")
    }
  }

  func run() async throws {
    guard try !policy.isEmpty else {
      let report = try corefileReport(for: [])
      switch output {
      case .json: try Output.json(report.map(CorefileReport.init))
      case .text: report?.printAll()
      }
      if report?.hasErrors != false { throw ExitCode.failure }
      return
    }
    var result = try await policy.source().load()
    let keys = tsigKeys.map(TransferKeyFile.load)
    if let keys {
      result.diagnostics += keys.diagnostics
      if let ring = keys.keys { result.diagnostics += result.policy?.findings(about: ring) ?? [] }
      result.diagnostics.sort { $0.location < $1.location }
      if keys.keys == nil { result.snapshot = nil }
    }
    let report = try corefileReport(for: result.policy?.zones ?? [])
    // Of a cluster, what is at fault is left out, and the rest is served: it is a fault all the same.
    let isGood = result.snapshot != nil && !result.diagnostics.hasErrors
    switch output {
    case .json:
      try Output.json(
        Report(
          ok: isGood && report?.hasErrors != true,
          diagnostics: result.diagnostics.map(DiagnosticReport.init),
          generation: result.snapshot?.generation.digest, routes: result.snapshot?.routes.count,
          views: result.snapshot?.viewCount, names: result.snapshot?.nameCount, pods: result.snapshot?.pods.count,
          corefile: report.map(CorefileReport.init)))
    case .text:
      for diagnostic in result.diagnostics { print(diagnostic) }
      if let snapshot = result.snapshot {
        print(
          "\(isGood ? "ok" : "refused in part"): zones \(snapshot.apexes.count), routes \(snapshot.routes.count), views \(snapshot.viewCount), "
            + "pod addresses \(snapshot.pods.count); \(result.diagnostics.summary); "
            + "digest \(snapshot.generation.shortDigest)")
      } else {
        print("refused: \(result.diagnostics.summary)")
      }
      report?.printAll()
    }
    if !isGood || report?.hasErrors == true { throw ExitCode.failure }
  }

  /// What is to be said of the Corefile beside the zones of a policy; nil if none is named.
  private func corefileReport(for zones: [SteeringZone]) throws -> CorefileChecker.Report? {
    guard let corefile else { return nil }
    guard let text = CorefileText.read(corefile) else { throw ExitCode.failure }
    let checker = CorefileChecker(.init(zones: zones, apexes: zone, servers: server))
    return checker.check(text, path: corefile)
  }
}

/// `steer check-zone`.
struct CheckZone: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-zone",
    abstract: "Read one master file (RFC 1035) as the server would, and report every fault.",
    discussion: "Exits with 1 if a finding is an error.")

  @Argument(help: "The zone's apex, such as intra.aibang.local.")
  var origin: String

  @Argument(help: "The master file.", completion: .file())
  var file: String

  @Option(name: .shortAndLong, help: "How to print: text or json.")
  var output = OutputFormat.text

  /// What JSON output says.
  private struct Report: Codable {
    var ok: Bool
    var records: Int
    var diagnostics: [DiagnosticReport]
  }

  func run() throws {
    let apex: DomainName
    do {
      apex = try DomainName(origin)
    } catch {
      throw ValidationError("'\(origin)' is not a domain name: \(error)")
    }
    let zone = ZoneLoader.load(file, origin: apex)
    let isGood = !zone.diagnostics.hasErrors
    switch output {
    case .json:
      try Output.json(
        Report(ok: isGood, records: zone.records.count, diagnostics: zone.diagnostics.map(DiagnosticReport.init)))
    case .text:
      for diagnostic in zone.diagnostics { print(diagnostic) }
      let verdict = isGood ? "ok" : "refused"
      print("\(verdict): \(apex) records \(zone.records.count); \(zone.diagnostics.summary)")
    }
    if !isGood { throw ExitCode.failure }
  }
}
