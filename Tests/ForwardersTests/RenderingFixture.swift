import DNSWire
import Forwarders
import Foundation
import SteeringPolicy
import Testing

/// The recorded outputs of this suite and the policies that they are rendered from.
enum RenderingFixture {
  /// The folder as built.
  static var folder: URL {
    Bundle.module.resourceURL?.appending(path: "Fixtures") ?? URL(filePath: "Fixtures")
  }

  /// A recorded file.
  static func text(_ path: String) throws -> String {
    try String(contentsOf: folder.appending(path: path), encoding: .utf8)
  }

  /// Compares with the recorded file; with `STEER_RECORD` set it records instead, and fails.
  static func expect(_ text: String, isRecordedAs path: String) throws {
    guard ProcessInfo.processInfo.environment["STEER_RECORD"] != nil else {
      #expect(text == (try Self.text(path)))
      return
    }
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(path)")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    Issue.record("recorded \(path); unset STEER_RECORD and run again")
  }

  /// The zones of a policy with these identity settings.
  static func zones(
    sources: String =
      "edns-client-ip:65518, edns-namespace:65519, edns-client-subnet, proxy-protocol, source-address",
    forwarders: String = "{serviceAccount: {namespace: kube-system, name: coredns}}, {cidr: 127.0.0.0/8}",
    apex: String = "intra.aibang.local"
  ) throws -> [SteeringZone] {
    let (policy, diagnostics) = PolicyLoader.load([
      PolicyFile(
        path: "zone.yaml",
        text: """
          apiVersion: egress.aibang.com/v1alpha1
          kind: SteeringZone
          metadata: {name: intra}
          spec:
            zone: "\(apex)"
            aliases: [intra.aibang.internal]
            identity:
              trustedForwarders: [\(forwarders)]
              sources: [\(sources)]

          """)
    ])
    return try #require(policy, "\(diagnostics)").zones
  }

  /// A request as the tests need it.
  static func request(
    _ forwarder: Forwarder, _ method: IdentityMethod? = nil, zones: [SteeringZone]? = nil,
    servers: [String] = ["10.96.77.10:53", "[fd00:96::77:10]:5300"]
  ) throws -> ForwarderConfiguration.Request {
    ForwarderConfiguration.Request(
      zones: try zones ?? Self.zones(), forwarder: forwarder, method: method,
      servers: try servers.map { try #require(Endpoint($0)) },
      views: [
        NamespaceListener(
          namespace: "team-a",
          endpoints: [
            try #require(Endpoint("10.96.77.10:5301")), try #require(Endpoint("[fd00:96::77:10]:5301")),
          ],
          clients: [try #require(IPAddress("10.8.1.5")), try #require(IPAddress("fd00:8::5"))]),
        NamespaceListener(namespace: "team-b", endpoints: [try #require(Endpoint("10.96.77.10:5302"))]),
      ])
  }
}
