import ArgumentParser
import Control
import DNSWire
import Steering
import SteeringPolicy

/// `steer check`.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Load and compile a policy as the server would, and report every fault.",
    discussion: """
      Each finding is printed as path:line:col: error: message [code]; all of them are, not the first only. \
      Exits with 1 if one of them is an error.
      """)

  @Argument(help: "Folders or files of policy and inventory documents (YAML, JSON).", completion: .file())
  var paths: [String]

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
  }

  func run() throws {
    let result = SnapshotLoader.load(paths, serial: SerialStore.inMemory.next())
    switch output {
    case .json:
      try Output.json(
        Report(
          ok: result.snapshot != nil, diagnostics: result.diagnostics.map(DiagnosticReport.init),
          generation: result.snapshot?.generation.digest, routes: result.snapshot?.routes.count,
          views: result.snapshot?.viewCount, names: result.snapshot?.nameCount, pods: result.snapshot?.pods.count))
    case .text:
      for diagnostic in result.diagnostics { print(diagnostic) }
      if let snapshot = result.snapshot {
        print(
          "ok: zones \(snapshot.apexes.count), routes \(snapshot.routes.count), views \(snapshot.viewCount), "
            + "pod addresses \(snapshot.pods.count); \(result.diagnostics.summary); "
            + "digest \(snapshot.generation.shortDigest)")
      } else {
        print("refused: \(result.diagnostics.summary)")
      }
    }
    if result.snapshot == nil { throw ExitCode.failure }
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
