/// A rule of a NetworkPolicy: peers, and ports.
struct NetworkPolicyRule {
  /// Who is at the other end.
  enum Peer {
    /// The pods with labels in these namespaces.
    case pods(namespaces: [String], labels: PodLabels)
    /// Every pod of these namespaces.
    case namespaces([String])
    /// The cluster's DNS: CoreDNS or kube-dns, and NodeLocal DNSCache where it is selected as a pod.
    case clusterDNS
    /// A block of addresses outside the cluster, or of nodes.
    case block(String)

    fileprivate var lines: [String] {
      switch self {
      case .pods(let namespaces, let labels):
        ["- namespaceSelector: \(Self.selector(namespaces))", "  podSelector: {matchLabels: \(labels.text)}"]
      case .namespaces(let namespaces): ["- namespaceSelector: \(Self.selector(namespaces))"]
      case .clusterDNS:
        [
          "- namespaceSelector: \(Self.selector(["kube-system"]))",
          "  podSelector: {matchExpressions: [{key: k8s-app, operator: In, values: [kube-dns, node-local-dns]}]}",
        ]
      case .block(let block): ["- ipBlock: {cidr: \"\(block)\"}"]
      }
    }

    /// A selector of namespaces by the label that Kubernetes gives each.
    private static func selector(_ namespaces: [String]) -> String {
      let values = namespaces.map { "\"\($0)\"" }.joined(separator: ", ")
      return "{matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [\(values)]}]}"
    }
  }

  var peers: [Peer]
  /// The ports, as YAML mappings.
  var ports: [String]

  /// TCP ports, in order.
  static func tcpPorts(_ ports: Set<UInt16>) -> [String] {
    ports.sorted().map { "{protocol: TCP, port: \($0)}" }
  }

  /// Ports of DNS, over UDP and TCP.
  static func dnsPorts(_ ports: [UInt16]) -> [String] {
    Set(ports).sorted().flatMap { ["{protocol: UDP, port: \($0)}", "{protocol: TCP, port: \($0)}"] }
  }

  /// A NetworkPolicy as YAML; about every pod of the namespace if `pods` is nil, and not about ingress if that is nil.
  static func document(
    namespace: String, name: String, pods: PodLabels?, ingress: [NetworkPolicyRule]?, egress: [NetworkPolicyRule]
  ) -> String {
    var lines = [
      "apiVersion: networking.k8s.io/v1", "kind: NetworkPolicy", "metadata:", "  namespace: \"\(namespace)\"",
      "  name: \(name)", "spec:", "  podSelector: \(pods.map { "{matchLabels: \($0.text)}" } ?? "{}")",
      "  policyTypes: [\(ingress == nil ? "" : "Ingress, ")Egress]",
    ]
    if let ingress { lines += section("ingress", peers: "from", ingress) }
    lines += section("egress", peers: "to", egress)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func section(_ name: String, peers: String, _ rules: [NetworkPolicyRule]) -> [String] {
    // Without a rule nothing passes; a rule without peers would let everyone through.
    let rules = rules.filter { !$0.peers.isEmpty && !$0.ports.isEmpty }
    if rules.isEmpty { return ["  \(name): []"] }
    var lines = ["  \(name):"]
    for rule in rules {
      lines.append("  - \(peers):")
      lines += rule.peers.flatMap(\.lines).map { "    " + $0 }
      lines.append("    ports:")
      lines += rule.ports.map { "    - " + $0 }
    }
    return lines
  }
}
