import ArgumentParser
import Control
import DNSWire
import ProxyRoutes
import SteeringPolicy

/// `steer render network-policies`.
struct RenderNetworkPolicies: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network-policies",
    abstract: "Print the NetworkPolicies that leave the proxies as the only way out.",
    discussion: """
      Each namespace of the inventory reaches DNS, and the listeners of the routes that the policy gives it; the proxies \
      reach DNS and their parents. Namespaces of the system (kube-, gke-, gmp-) and those of the proxies keep what they \
      have. NetworkPolicies add up: write others beside these for what else your pods need.
      """)

  @OptionGroup var policy: SourceArguments

  @Option(
    help: ArgumentHelp(
      "A label of the proxies' pods; may be repeated. Default: app.kubernetes.io/name=steer-proxy.",
      valueName: "key=value"))
  var selector: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Where pods reach DNS, besides the pods kube-dns and node-local-dns of kube-system and 169.254.20.10; may be \
      repeated. With Cloud DNS for GKE: 169.254.169.254.
      """, valueName: "cidr"), transform: ProxyArgument.block)
  var dns: [IPBlock] = []

  @Option(
    help: ArgumentHelp("Where a parent is that is named by its host; may be repeated.", valueName: "host=cidr"),
    transform: ProxyArgument.hostAddress)
  var parent: [(host: String, block: IPBlock)] = []

  @Option(
    name: .customLong("steer-port"),
    help: ArgumentHelp(
      "A port at which the proxies' pods answer the cluster's DNS, as Steer in them does; may be repeated. Default: 53.",
      valueName: "port"))
  var steerPort: [UInt16] = []

  @Option(
    help: ArgumentHelp("A block of nodes, whose NodeLocal DNSCache asks Steer; may be repeated.", valueName: "cidr"),
    transform: ProxyArgument.block)
  var node: [IPBlock] = []

  @Option(help: ArgumentHelp("A namespace that gets no NetworkPolicy; may be repeated.", valueName: "namespace"))
  var except: [String] = []

  func run() async throws {
    let loaded = try await policy.source().loadOrExit()
    var request = NetworkPolicyManifests.Request(policy: loaded.policy, snapshot: loaded.snapshot)
    request.dns = dns
    request.parents = Dictionary(grouping: parent, by: \.host).mapValues { $0.map(\.block) }
    if !steerPort.isEmpty { request.steerPorts = steerPort }
    request.nodes = node
    request.exceptions = Set(except)
    let manifests = try Output.rendered { () throws(ProxyRenderingError) in
      if !selector.isEmpty { request.labels = try PodLabels(selector) }
      return try NetworkPolicyManifests(request)
    }
    print(manifests.text, terminator: "")
  }
}
