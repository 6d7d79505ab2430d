public import DNSWire
public import Steering
public import SteeringPolicy

/// NetworkPolicies that leave the proxies as the only way out, as Kubernetes manifests.
///
/// The pods of each namespace reach the cluster's DNS and the listeners of the routes that the policy gives them; the
/// proxies' pods take those connections, and reach DNS and the parents. A NetworkPolicy is about pods, after a Service's
/// address was translated: so the ports are the listeners', not the Services'.
public struct NetworkPolicyManifests: Sendable {
  /// What is asked for.
  public struct Request: Sendable {
    /// The policy.
    public var policy: PolicySet
    /// Its snapshot, which decides who may use which route.
    public var snapshot: Snapshot
    /// The labels of the proxies' pods.
    public var labels = PodLabels.standard
    /// Where DNS is reached besides the cluster's DNS pods and NodeLocal DNSCache.
    public var dns: [IPBlock] = []
    /// The ports at which the proxies' pods answer DNS, for Steer runs in them.
    public var steerPorts: [UInt16] = [53]
    /// The nodes, whose NodeLocal DNSCache asks Steer.
    public var nodes: [IPBlock] = []
    /// The addresses of parents that are named by host.
    public var parents: [String: [IPBlock]] = [:]
    /// Namespaces that get none, besides the system's and the proxies'.
    public var exceptions: Set<String> = []

    /// A request for a policy; all else is as by default.
    public init(policy: PolicySet, snapshot: Snapshot) {
      self.policy = policy
      self.snapshot = snapshot
    }
  }

  /// Where NodeLocal DNSCache listens on every node.
  static let nodeLocalCache = "169.254.20.10/32"

  /// The manifests, YAML documents.
  public let text: String

  /// Renders the manifests; throws if a parent's address is not known.
  public init(_ request: Request) throws(ProxyRenderingError) {
    let access = ProxyAccess(of: request.policy, in: request.snapshot)
    let egress = try Self.parents(of: request)
    let dns = Self.dnsPeers(request)
    var passedOver: [String] = []
    var documents: [String] = []
    for namespace in request.policy.inventory.namespaces.map(\.name) {
      if Self.isSystem(namespace) || access.proxies.contains(namespace) || request.exceptions.contains(namespace) {
        passedOver.append(namespace)
        continue
      }
      var rules = [NetworkPolicyRule(peers: dns, ports: NetworkPolicyRule.dnsPorts([53]))]
      rules += access.listeners(of: namespace).sorted { $0.key < $1.key }.map { proxies, ports in
        NetworkPolicyRule(
          peers: [.pods(namespaces: [proxies], labels: request.labels)], ports: NetworkPolicyRule.tcpPorts(ports))
      }
      documents.append(
        NetworkPolicyRule.document(namespace: namespace, name: "steer-egress", pods: nil, ingress: nil, egress: rules)
      )
    }
    for namespace in access.proxies.sorted() {
      var ingress = access.clients(of: namespace).map { clients, ports in
        let peers: [NetworkPolicyRule.Peer] =
          (clients.namespaces.isEmpty ? [] : [.namespaces(clients.namespaces)]) + clients.blocks.map { .block($0) }
        return NetworkPolicyRule(peers: peers, ports: NetworkPolicyRule.tcpPorts(ports))
      }
      if !request.steerPorts.isEmpty {
        ingress.append(
          NetworkPolicyRule(
            peers: [.clusterDNS] + request.nodes.map { .block("\($0)") },
            ports: NetworkPolicyRule.dnsPorts(request.steerPorts)))
      }
      documents.append(
        NetworkPolicyRule.document(
          namespace: namespace, name: "steer-proxies", pods: request.labels, ingress: ingress,
          egress: [NetworkPolicyRule(peers: dns, ports: NetworkPolicyRule.dnsPorts([53]))] + egress))
    }
    text =
      """
      # Who may reach what, so that the proxies are the only way out. Ports are the listeners of the routes: what a Service's
      # address is translated to. Written by 'steer render network-policies'; policies of your own add to these.
      # Not cut off, for the system or the proxies are there, or it was asked for: \(passedOver.joined(separator: ", "))

      """ + documents.joined(separator: "---\n")
  }

  /// Whether a namespace is the cluster's own: `kube-` is reserved for Kubernetes, and GKE keeps its parts in `gke-` and
  /// `gmp-`.
  private static func isSystem(_ namespace: String) -> Bool {
    ["kube-", "gke-", "gmp-"].contains { namespace.hasPrefix($0) }
  }

  private static func dnsPeers(_ request: Request) -> [NetworkPolicyRule.Peer] {
    [.clusterDNS, .block(nodeLocalCache)] + Set(request.dns).map(\.description).sorted().map { .block($0) }
  }

  /// A rule for each port of the parents.
  private static func parents(of request: Request) throws(ProxyRenderingError) -> [NetworkPolicyRule] {
    var blocks: [UInt16: Set<String>] = [:]
    for parent in request.policy.routes.flatMap(\.parentProxies) {
      let own = IPAddress(parent.host).map { [IPBlock($0)] }
      guard let found = own ?? request.parents[parent.host], !found.isEmpty else {
        throw ProxyRenderingError(
          .parentWithoutAddress,
          "a NetworkPolicy cannot name the parent '\(parent.host)' by its host name; "
            + "say where it is, such as --parent \(parent.host)=10.0.0.5/32")
      }
      blocks[parent.port, default: []].formUnion(found.map(\.description))
    }
    return blocks.sorted { $0.key < $1.key }.map { port, blocks in
      NetworkPolicyRule(peers: blocks.sorted().map { .block($0) }, ports: NetworkPolicyRule.tcpPorts([port]))
    }
  }
}
