import Foundation
import Testing

/// What the command line says of itself.
@Suite struct HelpTests {
  @Test func theVersionIsPrinted() async throws {
    let version = try await Steer.run("version")
    #expect(version.status == 0)
    #expect(version.output.contains(#/^steer \d+\.\d+\.\d+ \(libldns \d+\.\d+\.\d+\)\n$/#))
    let json = try await Steer.run("version", "--output", "json")
    let names = try JSONDecoder().decode([String: String].self, from: Data(json.output.utf8)).keys
    #expect(names.sorted() == ["libldns", "steer"])
  }

  @Test(arguments: [
    ("serve", ["--policy", "--listen", "--config", "STEER_LISTEN", "tcp: {connections: N}", "SIGHUP", "SIGTERM"]),
    ("check", ["path:line:col: error: message [code]", "--output", "Exits with 1"]),
    ("check-zone", ["<origin>", "<file>", "RFC 1035"]),
    ("test", ["EgressTest", "Exits with 1"]),
    ("explain", ["--from", "--via", "--connect", "NAMESPACE/POD", "HOST:PORT"]),
    ("proxy-helper", ["--socket", "--timeout", "CHANNEL", "unavailable"]),
    ("matrix", ["csv", "html", "json", "report"]),
    ("status", ["--socket", "prometheus", "Exits with 1"]),
    ("audit", ["--queries", "--connects", "--since", "--window", "--pod", "standard input", "Exits with 1"]),
    ("version", ["libldns"]),
  ])
  func everySubcommandExplainsItself(_ subcommand: String, mentions: [String]) async throws {
    let help = try await Steer.run(subcommand, "--help")
    #expect(help.status == 0 && help.errors.isEmpty)
    for mention in mentions { #expect(help.output.contains(mention), "\(mention)") }
    let overview = try await Steer.run("--help")
    #expect(overview.output.contains("\n  \(subcommand) "), "\(overview.output)")
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func shellsGetCompletions(_ shell: String) async throws {
    let script = try await Steer.run("--generate-completion-script", shell)
    #expect(script.status == 0)
    #expect(script.output.contains("steer") && script.output.contains("check-zone"))
  }

  @Test func anUnknownSubcommandIsRefused() async throws {
    let steer = try await Steer.run("srve")
    #expect(steer.status == 64 && !steer.errors.isEmpty)
  }
}
