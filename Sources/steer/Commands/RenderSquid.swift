import ArgumentParser
import Control
import DNSWire
import ProxyRoutes
import SteeringPolicy

/// `steer render squid`.
struct RenderSquid: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "squid",
    abstract: "Print squid.conf of the proxy that the pods use.",
    discussion: """
      Squid asks 'steer proxy-helper' about each request, which asks the server; without it nothing is let through. \
      Start it as 'squid -N -n NAME -f FILE': NAME is in the names of its own files, so that several share the ports.

      One Squid opens 128 listening sockets. With more routes, render them in parts with --route.
      """)

  @OptionGroup var policy: SourceArguments

  @Option(help: ArgumentHelp("Only this route; may be repeated.", valueName: "name"))
  var route: [String] = []

  @Option(help: ArgumentHelp("The program 'steer', as Squid finds it.", valueName: "file"), completion: .file())
  var steer = "/usr/bin/steer"

  @Option(help: ArgumentHelp("The Unix socket at which the server decides.", valueName: "file"), completion: .file())
  var socket = "/run/steer/proxy/decisions.socket"

  @Option(
    help: ArgumentHelp("The folder of Squid's PID file.", valueName: "folder"), completion: .directory)
  var folder = "/run/steer/proxy"

  @Option(
    name: .customLong("log-folder"),
    help: ArgumentHelp("The folder of Squid's own log, which Squid's user writes to.", valueName: "folder"),
    completion: .directory)
  var logFolder = "/var/log/squid"

  @Option(
    name: .customLong("access-log"),
    help: ArgumentHelp("The access log, one JSON object on each line; 'none' for no log.", valueName: "file"),
    completion: .file())
  var accessLog = "/var/log/squid/steer-access.log"

  @Option(
    help: ArgumentHelp("An address to listen on; may be repeated. Default: all.", valueName: "addr"),
    transform: ForwarderArgument.address)
  var listen: [IPAddress] = []

  @Option(help: ArgumentHelp("The name that Squid has in error pages.", valueName: "name"))
  var hostname = "steer-proxy"

  @Option(help: ArgumentHelp("The user that Squid becomes if root starts it.", valueName: "name"))
  var user = "proxy"

  func run() async throws {
    let all = try await policy.source().loadOrExit().policy.routes
    let routes = try ProxyArgument.routes(route, among: all)
    let paths = SquidConfiguration.Paths(
      helper: [steer, "proxy-helper"], socket: socket, folder: folder, logFolder: logFolder,
      accessLog: accessLog == "none" ? nil : accessLog, listen: listen, visibleHostname: hostname, user: user)
    let listeners = routes.map { SquidConfiguration.Listener(port: $0.listenerPort, route: $0.name) }
    let configuration = try Output.rendered { () throws(ProxyRenderingError) in
      try SquidConfiguration(listeners: listeners, routes: routes, paths: paths)
    }
    print(configuration.text, terminator: "")
  }
}
