import Admin
import ArgumentParser
import Foundation
import ProxyRoutes

/// `steer status`.
struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show how a running server is: its policy, its cluster, its proxies and their parents.",
    discussion: """
      Without --server it asks the 'steer serve' of this machine at its decision socket, which knows of the proxies \
      alone. With it, a server at the address of its --admin; of the proxies that tells only clients on its own \
      machine or pod. Exits with 1 if there is none.

      For Prometheus, scrape /metrics of --admin; or write the output to a file that the node exporter reads:
        steer status --output prometheus > /var/lib/node-exporter/steer.prom
      """)

  /// How the status is printed.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json, prometheus
  }

  @Option(help: ArgumentHelp("Ask a running server at the address of its --admin.", valueName: "host:port"))
  var server: String?

  @OptionGroup var local: DecisionSocketOptions

  @Option(name: .shortAndLong, help: "How to print: text, json or prometheus.")
  var output = Format.text

  func validate() throws {
    if server != nil, local.socket != nil || local.config != nil {
      throw ValidationError("--server goes without --socket and --config.")
    }
  }

  func run() async throws {
    if let server { return try await printStatus(of: server) }
    let status = try await local.ask()
    switch output {
    case .json: try Output.json(status)
    case .prometheus: print(status.prometheus, terminator: "")
    case .text: print(status.text)
    }
  }

  private func printStatus(of server: String) async throws {
    do {
      let client = try AdminClient(server)
      switch output {
      case .json: try Output.json(try await WholeStatus(asking: client))
      case .prometheus: print(try await client.metrics(), terminator: "")
      case .text: print(try await WholeStatus(asking: client).text)
      }
    } catch let failure as AdminClient.Failure {
      Output.error("error: \(failure)")
      throw ExitCode.failure
    }
  }
}

/// Where a running server is asked.
struct DecisionSocketOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The server's decision socket. (default: that of the settings)", valueName: "path"),
    completion: .file())
  var socket: String?

  @Option(help: ArgumentHelp("A YAML file of settings.", valueName: "file"), completion: .file())
  var config: String?

  /// The server's status, or the end of the command with the reason.
  func ask() async throws -> ProxyStatus {
    if let socket { return try await Self.ask(socket) }
    let settings = try await Settings.orExit(flags: [:], file: config)
    return try await Self.ask((settings.proxy ?? ProxySettings(folder: Settings.defaultProxyFolder)).socket)
  }

  /// The status of the server at a socket, or the end of the command with the reason.
  static func ask(_ socket: String) async throws -> ProxyStatus {
    do {
      return try await ProxyStatus.ask(socket)
    } catch {
      Output.error("error: \(error)")
      throw ExitCode.failure
    }
  }
}

extension ProxyStatus {
  /// The status for people, one fact a line.
  var text: String {
    var lines = [("generation", generation)]
    lines.append(("engine", engine.kind + (engine.isSupervised ? ", supervised" : "")))
    for instance in engine.instances {
      let process = instance.pid.map { ", process \($0)" } ?? ""
      lines.append(
        (
          "instance",
          "\(instance.name): \(instance.state) since \(Self.time(instance.since))\(process), "
            + "restarts: \(instance.restarts)"
        ))
    }
    for listener in listeners {
      lines.append(
        ("listener", "port \(listener.port): \(listener.route)" + (listener.isCurrent ? "" : ", about to close")))
    }
    for parent in parents { lines.append(("parent", parent.text)) }
    for decision in decisions {
      lines.append(("decisions", "\(decision.verdict), \(decision.reason): \(decision.count)"))
    }
    if malformed > 0 { lines.append(("malformed", "\(malformed)")) }
    lines.append(("would deny", "\(enforceWouldDeny)"))
    lines.append(("helpers", "\(helperConnections)"))
    if let connections {
      lines.append(
        (
          "connections",
          "remembered: \(connections.remembered), forgotten: \(connections.forgotten), closed: \(connections.closed)"
        ))
    }
    if canCloseConnections == false {
      lines.append(("warning", "revoked connections cannot be closed: the server lacks CAP_NET_ADMIN"))
    }
    return lines.map { key, value in
      key + String(repeating: " ", count: max(1, 14 - key.count)) + value
    }.joined(separator: "\n")
  }

  /// Seconds since 1970 as a time in UTC.
  fileprivate static func time(_ seconds: Int64) -> String {
    Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
  }
}

extension ProxyStatus.Parent {
  /// The parent's name and how it is, in a line.
  var text: String {
    let name = name + (connect.map { " → \($0)" } ?? "")
    guard isChecked else { return "\(name): not checked yet, counts as up" }
    let state = isUp ? "up" : "down"
    let time = since.map { " since \(ProxyStatus.time($0))" } ?? ""
    let milliseconds = latency.map { ", \(Int(($0 * 1000).rounded(.up))) ms" } ?? ""
    return "\(name): \(state)\(time)" + (isUp ? milliseconds : "") + (lastError.map { " (\($0))" } ?? "")
  }
}
