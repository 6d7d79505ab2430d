import ArgumentParser
import Control
import DNSServer
import DNSWire
import Forwarders
import Steering
import SteeringPolicy

/// `steer render`.
struct Render: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print what is derived from a policy.",
    subcommands: [
      RenderCorefile.self, RenderSquid.self, RenderSquidParent.self, RenderServices.self, RenderNetworkPolicies.self,
    ])
}

/// `steer render corefile`.
struct RenderCorefile: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corefile",
    abstract: "Print what makes a forwarder ask Steer for its zones, and say who asked.",
    discussion: """
      What can say who asked, by which method, the best first:
        coredns    client-ip, namespace, ecs, views
        nodelocal  client-ip, ecs (NodeLocal DNSCache)
        dnsdist    proxy-protocol, ecs
        dnsmasq    ecs
        unbound    ecs, and only behind one that sets Client Subnet anew
        bind       views

      The policy must believe the method (identity.sources) and the forwarder (identity.trustedForwarders). The method \
      views forwards each namespace to the listener that is its own (--listen-view of 'steer serve').
      """)

  @OptionGroup var policy: SourceArguments

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(
      "The forwarder: coredns, nodelocal, dnsmasq, dnsdist, unbound or bind.", valueName: "forwarder"),
    transform: ForwarderArgument.choice)
  var forwarder = Forwarder.coredns

  @Option(
    help: ArgumentHelp(
      """
      How it says who asked: client-ip, namespace, ecs, proxy-protocol or views. Default: the first of the zone's \
      identity.sources that it can.
      """), transform: ForwarderArgument.choice)
  var method: IdentityMethod?

  @Option(
    help: ArgumentHelp(
      """
      An address at which the forwarder reaches Steer, such as the ClusterIP of its Service; may be repeated. \
      Default: the addresses that the settings say to listen on.
      """, valueName: "addr[:port]"), transform: ForwarderArgument.endpoint)
  var server: [Endpoint] = []

  @Option(help: ArgumentHelp("Only this apex or alias.", valueName: "apex"), transform: ForwarderArgument.zone)
  var zone: DomainName?

  @Option(
    name: .customLong("cluster-dns"),
    help: ArgumentHelp("The address of the cluster's DNS Service, for NodeLocal DNSCache.", valueName: "addr"),
    transform: ForwarderArgument.address)
  var clusterDNS: IPAddress?

  @Option(help: ArgumentHelp("A YAML file of settings.", valueName: "file"), completion: .file())
  var config: String?

  func run() async throws {
    let settings = try await Settings.orExit(flags: [:], file: config)
    let policy = try await self.policy.source().loadOrExit().policy
    let request = ForwarderConfiguration.Request(
      zones: policy.zones, forwarder: forwarder, method: method,
      servers: server.isEmpty ? settings.reachableEndpoints : server, views: settings.views(in: policy.inventory),
      clusterDNS: clusterDNS, zone: zone)
    let configuration: ForwarderConfiguration
    do throws(RenderingError) {
      configuration = try ForwarderConfiguration(request)
    } catch {
      Output.error("error: \(error)")
      throw ExitCode.failure
    }
    for warning in configuration.warnings { Output.error("warning: \(warning)") }
    if server.isEmpty, configuration.asksOwnMachine {
      Output.error("note: Steer is taken to be on the forwarder's own machine; else name its address with --server")
    }
    print(configuration.text, terminator: "")
  }
}

extension Settings {
  /// The addresses to listen on that name one place: not 'every address', and not 'any port'.
  fileprivate var reachableEndpoints: [Endpoint] {
    endpoints.filter { endpoint in
      endpoint.port != 0 && endpoint.address.octets.contains { $0 != 0 }
    }
  }

  /// The listeners for one namespace each, and the addresses of the namespace's pods.
  fileprivate func views(in inventory: Inventory) -> [NamespaceListener] {
    let pods = Dictionary(grouping: inventory.pods, by: \.name.namespace)
    var views: [NamespaceListener] = []
    for listener in viewListeners {
      let namespace = listener.view.namespace
      if let place = views.firstIndex(where: { $0.namespace == namespace }) {
        views[place].endpoints.append(listener.endpoint)
      } else {
        views.append(
          NamespaceListener(
            namespace: namespace, endpoints: [listener.endpoint],
            clients: pods[namespace, default: []].flatMap(\.addresses)))
      }
    }
    return views
  }
}
