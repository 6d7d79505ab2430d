import ArgumentParser
import Control
import DNSWire
import ProxyRoutes
import SteeringPolicy

/// `steer render squid-parent`.
struct RenderSquidParent: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "squid-parent",
    abstract: "Print squid.conf of a parent proxy beyond the cluster.",
    discussion: """
      It lets through what the routes have, from the cluster's addresses only, and nothing else; destinations whose names \
      lead to private addresses or the cloud's metadata are refused.
      """)

  @OptionGroup var policy: SourceArguments

  @Option(
    help: ArgumentHelp(
      "A block that the proxies of the cluster connect from; may be repeated.", valueName: "cidr"),
    transform: ProxyArgument.block)
  var source: [IPBlock] = []

  @Option(
    help: ArgumentHelp("Only the routes that go through this parent.", valueName: "host:port"),
    transform: ProxyArgument.parent)
  var parent: EgressRoute.ParentProxy?

  @Option(
    help: ArgumentHelp("The address and port to listen on. Default: port 3128 on all.", valueName: "addr:port"),
    transform: ProxyArgument.endpoint)
  var listen: Endpoint?

  @Option(
    name: .customLong("allow-inside"),
    help: ArgumentHelp(
      "A private block that destinations may lead to; may be repeated.", valueName: "cidr"),
    transform: ProxyArgument.block)
  var insideAllowed: [IPBlock] = []

  @Option(help: ArgumentHelp("The folder of the PID file.", valueName: "folder"), completion: .directory)
  var folder = "/run/steer-parent"

  @Option(
    name: .customLong("log-folder"), help: ArgumentHelp("The folder of the logs.", valueName: "folder"),
    completion: .directory)
  var logFolder = "/var/log/steer-parent"

  @Option(help: ArgumentHelp("The user that Squid becomes if root starts it.", valueName: "name"))
  var user: String?

  func run() async throws {
    var request = SquidParentConfiguration.Request(
      routes: try await policy.source().loadOrExit().policy.routes, sources: source)
    request.parent = parent
    request.insideAllowed = insideAllowed
    request.listen = listen
    request.folder = folder
    request.logFolder = logFolder
    request.user = user
    let configuration = try Output.rendered { () throws(ProxyRenderingError) in
      try SquidParentConfiguration(request)
    }
    print(configuration.text, terminator: "")
  }
}
