import Testing

extension EgressLab {
  /// A Service of the example, or of this lab: an address in the cluster that leads to a listener of Steer's Squids.
  struct Service {
    let name: String
    let address: String
    /// The targetPort.
    let listenerPort: UInt16

    static let microsoft = Service(name: "microsoft", address: "10.96.7.10", listenerPort: 13128)
    static let canary = Service(name: "microsoft-canary", address: "10.96.7.11", listenerPort: 13128)
    static let github = Service(name: "github", address: "10.96.7.20", listenerPort: 13129)
    /// What the lab has beside the example: for a route that comes and goes.
    static let spare = Service(name: "spare", address: "10.96.7.30", listenerPort: 13130)

    /// `HOST:PORT`, as a pod dials it that did not ask for a name.
    var endpoint: String { "\(address):3128" }

    /// The Kubernetes object.
    var text: String {
      """
      apiVersion: v1
      kind: Service
      metadata: {namespace: intra-proxy, name: \(name)}
      spec:
        clusterIPs: [\(address)]
        ports: [{name: proxy, port: 3128, targetPort: \(listenerPort)}]
      """
    }
  }

  /// Sets the cluster's rules.
  ///
  /// They are Services as kube-proxy makes them, which keeps the client's address, and who may reach whom as
  /// NetworkPolicies say. What is not let through is refused at once, so that a test need not wait.
  func closeCluster() async throws {
    let services = [Service.microsoft, .canary, .github, .spare]
    let translations = services.map {
      "ip daddr \($0.address) tcp dport 3128 dnat to \(Lab.Place.steer.address):\($0.listenerPort)"
    }
    let ports = Set(services.map(\.listenerPort)).sorted().map(String.init).joined(separator: ", ")
    let pods = Lab.Place.pods.map(\.address).joined(separator: ", ")
    let vms = "\(Lab.Place.firstVM.address), \(Lab.Place.secondVM.address)"
    try await setRules(
      """
      table ip services {
        chain prerouting {
          type nat hook prerouting priority dstnat
          \(translations.joined(separator: "\n    "))
        }
      }
      table inet policies {
        chain forward {
          type filter hook forward priority filter
          ct state established,related accept
          ip saddr { \(pods) } ip daddr \(Lab.Place.steer.address) tcp dport { \(ports) } accept
          ip saddr \(Lab.Place.steer.address) ip daddr { \(vms) } tcp dport 3128 accept
          ip saddr { \(vms) } ip daddr \(Self.originBlock) tcp dport 443 accept
          reject with icmpx admin-prohibited
        }
      }
      """)
  }

  /// Takes away who may reach whom.
  func openCluster() async throws {
    try await setRules("delete table inet policies\n")
  }

  private func setRules(_ rules: String) async throws {
    try lab.folder.write(rules + "\n", to: "rules.nft")
    let set = try await lab.run(["nft", "-f", lab.folder.path(of: "rules.nft")], in: .resolver)
    try #require(set.status == 0, "\(set.errors)")
  }
}
