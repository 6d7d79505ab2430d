import Control
import DNSWire
import Foundation
import ProxyRoutes
import Steering
import SteeringPolicy
import TestSupport
import Testing

@Suite struct RenderingKubernetesTests {
  /// The example policy with its snapshot, and one parent's address.
  private func request() throws -> NetworkPolicyManifests.Request {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
    let loaded = SnapshotLoader.load([root.appending(path: "zones").path], serial: 1)
    var request = NetworkPolicyManifests.Request(
      policy: try #require(loaded.policy), snapshot: try #require(loaded.snapshot))
    request.parents = ["int-proxy.aibang.com": [IPBlock(IPAddress(v4: 0x0A00_0005))]]
    return request
  }

  private func request(_ documents: String) throws -> NetworkPolicyManifests.Request {
    NetworkPolicyManifests.Request(
      policy: try TestPolicy.policy(documents), snapshot: try TestPolicy.snapshot(documents))
  }

  /// The documents of manifests, by `namespace/name`.
  private func documents(_ text: String) -> [String: String] {
    var documents: [String: String] = [:]
    for document in text.components(separatedBy: "---\n") {
      let value = { (key: String) in
        document.split(separator: "\n").first { $0.hasPrefix("  \(key): ") }?.dropFirst(key.count + 4)
          .trimmingCharacters(in: ["\""]) ?? ""
      }
      documents["\(value("namespace"))/\(value("name"))"] = document
    }
    return documents
  }

  private func code(_ body: () throws(ProxyRenderingError) -> Void) -> ProxyRenderingError.Code? {
    do throws(ProxyRenderingError) {
      try body()
      return nil
    } catch {
      return error.code
    }
  }

  /// What Kubernetes' own schema says to manifests; nil if nothing.
  private func schemaFault(_ text: String) async throws -> String? {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
    let program = root.appending(path: ".build-python/bin/python").path
    try #require(
      FileManager.default.isExecutableFile(atPath: program), "run deploy/test.sh, which installs kubernetes-validate")
    let file = FileManager.default.temporaryDirectory.appending(path: "steer-\(UUID().uuidString).yaml")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let script = "import sys; from kubernetes_validate.__main__ import main; sys.exit(main())"
    let (status, output) = try await RenderingSquid.run(program, ["-c", script, "--strict", file.path])
    return status == 0 ? nil : output
  }

  @Test func `Services and NetworkPolicies are rendered as recorded`() throws {
    var request = try request()
    try RenderingFixture.expect(
      try ServiceManifests(of: request.policy).text, isRecordedAs: "Rendered/services.yaml")
    request.nodes = [try IPBlock("10.0.4.0/22")]
    request.dns = [try IPBlock("169.254.169.254/32")]
    try RenderingFixture.expect(
      try NetworkPolicyManifests(request).text, isRecordedAs: "Rendered/network-policies.yaml")
  }

  @Test func `Kubernetes' own schema takes what is rendered, and nothing with a fault`() async throws {
    var request = try request()
    request.labels = try PodLabels(["app=true", "example.com/tier=1", "empty="])
    let dual = TestPolicy.minimal.replacing("clusterIP: 10.96.0.1, ", with: #"clusterIPs: [10.96.0.1, "fd00::1"], "#)
    let services =
      try ServiceManifests(of: request.policy, selecting: request.labels).text + "---\n"
      + ServiceManifests(of: try TestPolicy.policy(dual)).text
    let policies = try NetworkPolicyManifests(request).text
    #expect(try await schemaFault(services) == nil)
    #expect(try await schemaFault(policies) == nil)
    #expect(try await schemaFault(services.replacing("targetPort:", with: "targetPrt:")) != nil)
    #expect(try await schemaFault(policies.replacing("port: 13128", with: "port: [13128]")) != nil)
    #expect(try await schemaFault(policies.replacing("ipBlock", with: "ipBlok")) != nil)
  }

  @Test func `the Services that a policy lacks are those that make it whole`() throws {
    let parts = TestPolicy.minimal.components(separatedBy: "---\n")
    let bare = parts.filter { !$0.contains("kind: Service,") }.joined(separator: "---\n")
    let file = PolicyFile(path: "policy.yaml", text: bare)
    #expect(PolicyLoader.load([file]).diagnostics.map(\.code).contains(.unknownService))
    let policy = try #require(PolicyLoader.load([file], services: .yetToBeMade).policy)
    // As the API server gives them back.
    let made = try ServiceManifests(of: policy).text.replacing("spec:\n", with: "spec:\n  clusterIP: 10.96.0.1\n")
    let loaded = PolicyLoader.load([file, PolicyFile(path: "services.yaml", text: made)])
    #expect(loaded.diagnostics.isEmpty)
    #expect(loaded.policy?.routes.first?.backends.first?.addresses == [IPAddress(v4: 0x0A60_0001)])
  }

  @Test func `a Service keeps the address that it has, and is to be given one if it has none`() throws {
    func lines(_ address: String) throws -> [String] {
      let documents = TestPolicy.minimal.replacing("clusterIP: 10.96.0.1, ", with: address)
      let loaded = PolicyLoader.load([PolicyFile(path: "p", text: documents)], services: .yetToBeMade)
      return try ServiceManifests(of: try #require(loaded.policy)).text.split(separator: "\n").map(String.init)
        .filter { $0.contains("clusterIP") || $0.contains("ipFamilyPolicy") }
    }
    #expect(try lines("clusterIP: 10.96.0.1, ") == [#"  clusterIP: "10.96.0.1""#])
    #expect(
      try lines(#"clusterIPs: ["fd00::1", 10.96.0.1], "#) == [
        "  ipFamilyPolicy: RequireDualStack", #"  clusterIP: "fd00::1""#, #"  clusterIPs: ["fd00::1", "10.96.0.1"]"#,
      ])
    #expect(try lines("clusterIP: None, ") == [#"  clusterIP: "None""#])
    #expect(try lines("") == ["  # clusterIP: …: pin one, or a Service that is made anew moves"])
  }

  @Test func `a Service whose port cannot lead to both routes, and a name that no Service has, are refused`() throws {
    let second = """

      ---
      apiVersion: egress.aibang.com/v1alpha1
      kind: EgressRoute
      metadata: {name: two}
      spec:
        hostnames: [two.steer.test]
        backendRefs: [{namespace: proxy, name: one, port: PORT}]
        listenerPort: 13129
        domainNames: [two.example.com]

      """
    let load = { (text: String) in
      try #require(
        PolicyLoader.load([PolicyFile(path: "p", text: TestPolicy.minimal + text)], services: .yetToBeMade).policy)
    }
    let clash = try load(second.replacing("PORT", with: "3128"))
    #expect(code { () throws(ProxyRenderingError) in _ = try ServiceManifests(of: clash) } == .servicePortClash)
    let apart = try load(second.replacing("PORT", with: "3129"))
    #expect(try ServiceManifests(of: apart).text.contains("port: 3129, targetPort: 13129"))
    for name in ["1st", "a.b"] {
      let odd = try load(second.replacing("PORT", with: "3129").replacing("name: one", with: "name: \(name)"))
      #expect(code { () throws(ProxyRenderingError) in _ = try ServiceManifests(of: odd) } == .badServiceName)
    }
  }

  @Test(arguments: ["", "a", "=b", "a=b c", "a=\"", "a=b\n  x: y", "a/b/c=d", "A_/b=c", "é=b", "a=-b", "a=b,a=c"])
  func `what is no label is not taken for one`(text: String) {
    #expect(code { () throws(ProxyRenderingError) in _ = try PodLabels([text]) } == .badSelector)
    #expect(code { () throws(ProxyRenderingError) in _ = try PodLabels(["a=b", "a=c"]) } == .badSelector)
  }

  @Test func `each namespace reaches DNS and the listeners of its routes, and nothing else`() throws {
    let found = documents(try NetworkPolicyManifests(try request()).text)
    #expect(
      found.keys.sorted() == [
        "intra-proxy/steer-proxies", "team-a/steer-egress", "team-b/steer-egress", "team-c/steer-egress",
      ])
    for (namespace, ports) in [("team-a", [13128]), ("team-b", [13128, 13129]), ("team-c", [])] {
      let document = try #require(found["\(namespace)/steer-egress"])
      for port in [13128, 13129] {
        #expect(document.contains("port: \(port)}") == ports.contains(port), "\(namespace) \(port)")
      }
      #expect(document.contains("podSelector: {}\n") && document.contains("policyTypes: [Egress]"))
      #expect(document.contains("169.254.20.10/32") && document.contains("{protocol: UDP, port: 53}"))
      #expect(document.components(separatedBy: "  - to:").count == (ports.isEmpty ? 2 : 3))
    }
  }

  @Test func `the proxies take what may reach them, and reach their parents`() throws {
    let document = try #require(
      documents(try NetworkPolicyManifests(try request()).text)["intra-proxy/steer-proxies"])
    #expect(document.contains("podSelector: {matchLabels: {\"app.kubernetes.io/name\": \"steer-proxy\"}}"))
    #expect(document.contains("values: [\"team-a\", \"team-b\"]"))
    #expect(!document.contains("team-c"))
    let egress = try #require(document.components(separatedBy: "  egress:\n").last)
    #expect(egress.components(separatedBy: "  - to:").count == 3)
    #expect(egress.contains("{cidr: \"10.0.0.5/32\"}\n    ports:\n    - {protocol: TCP, port: 3128}"))
  }

  @Test func `the system and the proxies' namespace are not cut off`() throws {
    let others = ["kube-system", "kube-node-lease", "gke-managed-system", "gmp-system", "proxy", "quiet", "apart"]
      .map { "\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: \($0)}}" }.joined()
    var request = try request(TestPolicy.minimal + others + "\n")
    request.exceptions = ["apart"]
    #expect(
      documents(try NetworkPolicyManifests(request).text).keys.sorted() == [
        "proxy/steer-proxies", "quiet/steer-egress", "team-a/steer-egress", "team-b/steer-egress",
      ])
  }

  @Test func `service accounts and address blocks that may use a route reach its proxies`() throws {
    let policies = """

      ---
      apiVersion: egress.aibang.com/v1alpha1
      kind: EgressPolicy
      metadata: {name: account}
      spec:
        priority: 20
        subject: {serviceAccounts: [{namespace: team-b, name: batch}]}
        egress: [{name: one, action: Allow, routeRefs: [{name: one}]}]
      ---
      apiVersion: egress.aibang.com/v1alpha1
      kind: EgressPolicy
      metadata: {name: machines}
      spec:
        priority: 30
        subject: {ipBlocks: [{cidr: 192.0.2.0/24}]}
        egress: [{name: one, action: Allow, routeRefs: [{name: one}]}]

      """
    let found = documents(try NetworkPolicyManifests(try request(TestPolicy.minimal + policies)).text)
    #expect(try #require(found["team-b/steer-egress"]).contains("port: 13128"))
    let proxies = try #require(found["proxy/steer-proxies"])
    #expect(proxies.contains("[\"team-a\", \"team-b\"]") && proxies.contains("{cidr: \"192.0.2.0/24\"}"))
  }

  @Test func `a parent that is a host name needs its address`() throws {
    var request = try request()
    request.parents = [:]
    #expect(
      code { () throws(ProxyRenderingError) in _ = try NetworkPolicyManifests(request) } == .parentWithoutAddress)
  }
}
