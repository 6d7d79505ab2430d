import DNSWire
import Foundation
import TestAPIServer
import TestSupport
import Testing

/// A cluster with the example's policy and inventory, which tests change, and the kubeconfig that leads to it.
struct TestCluster {
  /// Its API server.
  let api: TestAPIServer
  /// Where the kubeconfig is.
  let folder: WorkingFolder

  /// Runs a cluster for as long as `body` takes, and ends it however that ends.
  static func running<Result>(_ body: (TestCluster) async throws -> Result) async throws -> Result {
    let cluster = TestCluster(api: try await .start(), folder: try WorkingFolder())
    do {
      try cluster.writeKubeconfig()
      try cluster.applyExample()
      let result = try await body(cluster)
      await cluster.api.stop()
      return result
    } catch {
      await cluster.api.stop()
      throw error
    }
  }

  /// The path of the kubeconfig.
  var kubeconfig: String { folder.path(of: "kubeconfig") }
  /// The path of the file that the kubeconfig has its token from.
  private var tokenFile: String { folder.path(of: "token") }

  /// Writes the token that the kubeconfig leads to, as a kubelet does.
  func write(token: String) throws { try folder.write(token, to: "token") }

  private func writeKubeconfig() throws {
    try write(token: TestAPIServer.firstToken)
    try folder.write(
      api.kubeconfig().replacing(/"token": *"[^"]*"/, with: "\"tokenFile\": \"\(tokenFile)\""), to: "kubeconfig")
  }

  private func applyExample() throws {
    for name in ["team-a", "team-b"] { try api.apply(.namespace(name)) }
    try apply(service: "microsoft", address: "10.96.7.10", target: 13128)
    try apply(service: "github", address: "10.96.7.20", target: 13129)
    try apply(pod: "api-1", in: "team-a", at: "127.0.0.11")
    try apply(pod: "api-1", in: "team-b", at: "127.0.0.12")
    try api.apply(
      .custom(
        .steeringZones, name: "intra-aibang-local",
        spec: #"{"zone": "intra.aibang.local", "nameservers": ["ns1.intra.aibang.local"], "ttl": "10s"}"#))
    try apply(route: "microsoft", port: 13128)
    try apply(route: "github", port: 13129)
    try apply(policy: "team-a", routes: ["microsoft"])
    try api.apply(
      .custom(
        .egressTests, name: "team-b-has-no-microsoft",
        spec: """
          {"from": {"namespace": "team-b"}, "query": {"name": "microsoft.intra.aibang.local", "type": "A"},
           "expect": {"rcode": "NXDOMAIN"}}
          """))
  }

  /// Makes a Service of the proxies, or makes it another.
  func apply(service name: String, address: String, target: Int, uid: String? = nil) throws {
    try api.apply(
      .service(namespace: "intra-proxy", name: name, addresses: [address], ports: [(3128, target)], uid: uid))
  }

  /// Makes a pod, or makes it another.
  func apply(pod name: String, in namespace: String, at address: String) throws {
    try api.apply(.pod(namespace: namespace, name: name, addresses: [address], serviceAccount: "api"))
  }

  /// Makes a route, or makes it another; its parent proxy, if it has one, is at a port of loopback.
  func apply(route name: String, port: Int, parent: UInt16? = nil) throws {
    let parents = parent.map { #", "parentProxies": [{"host": "127.0.0.1", "port": \#($0)}]"# } ?? ""
    try api.apply(
      .custom(
        .egressRoutes, name: name,
        spec: """
          {"hostnames": ["\(name).intra.aibang.local"],
           "backendRefs": [{"kind": "Service", "namespace": "intra-proxy", "name": "\(name)", "port": 3128}],
           "listenerPort": \(port), "domainNames": ["\(name).com"], "ports": [443]\(parents)}
          """))
  }

  /// Lets the namespace `name`, and no other, use `routes` by the policy of its name.
  func apply(policy name: String, routes: [String], action: String = "Allow") throws {
    let references = routes.map { #"{"name": "\#($0)"}"# }.joined(separator: ", ")
    try api.apply(
      .custom(
        .egressPolicies, name: name,
        spec: """
          {"priority": 50,
           "subject": {"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": "\(name)"}}},
           "egress": [{"name": "routes", "action": "\(action)", "routeRefs": [\(references)]}]}
          """))
  }

  /// The arguments that make a command read the cluster.
  var arguments: [String] { ["--kubernetes", "--kubeconfig", kubeconfig] }

  /// Runs a server that reads the cluster for as long as `body` takes.
  func serving<Result>(
    _ arguments: [String] = [], policy: String? = nil, environment: [String: String] = [:],
    binary: String = Steer.path, _ body: (SteerProcess) async throws -> Result
  ) async throws -> Result {
    try await SteerProcess.serving(
      policy, self.arguments + ["--admin", "127.0.0.1:0"] + arguments, environment: environment, binary: binary, body)
  }
}

extension SteerProcess {
  /// The addresses that a name below intra.aibang.local is answered with.
  func addresses(of name: String, from source: String) throws -> [String] {
    try ask("\(name).intra.aibang.local", from: source).answer.compactMap {
      $0.split(separator: " ").last.map(String.init)
    }
  }

  /// What the server tells over HTTP at a path.
  func told(_ path: String) async throws -> String { try await child.told(path) }
}

extension ChildProcess {
  /// What the server tells over HTTP at a path, once it does.
  func told(_ path: String) async throws -> String {
    let line = /admin listens|"at":"([^"]+)"|at=([0-9.:]+)/
    try await eventually("the admin server listens") { errors.contains("admin listens") }
    let log = try #require(errors.split(separator: "\n").first { $0.contains("admin listens") })
    let place = try #require(log.matches(of: line).compactMap { $0.1 ?? $0.2 }.first)
    let answer = try await run(["curl", "-sS", "-m", "20", "http://\(place)\(path)"])
    try #require(answer.status == 0, "\(answer.errors)")
    return answer.output
  }
}
