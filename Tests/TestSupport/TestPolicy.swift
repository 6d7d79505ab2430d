import Control
import Foundation
public import Steering
public import SteeringPolicy

/// Policies as text, compiled without files.
public enum TestPolicy {
  /// One zone, one route, one namespace that may use it: pod 10.8.1.1 of team-a sees one.steer.test.
  public static let minimal = """
    apiVersion: egress.aibang.com/v1alpha1
    kind: SteeringZone
    metadata: {name: steer-test}
    spec: {zone: steer.test}
    ---
    apiVersion: egress.aibang.com/v1alpha1
    kind: EgressRoute
    metadata: {name: one}
    spec:
      hostnames: [one.steer.test]
      backendRefs: [{namespace: proxy, name: one, port: 3128}]
      listenerPort: 13128
      domainNames: [login.example.com, "*.wild.example.com"]
      ports: [443, 8443]
    ---
    apiVersion: egress.aibang.com/v1alpha1
    kind: EgressPolicy
    metadata: {name: team-a}
    spec:
      priority: 10
      subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: team-a}}}
      egress: [{name: one, action: Allow, routeRefs: [{name: one}]}]
    ---
    {apiVersion: v1, kind: Namespace, metadata: {name: team-a}}
    ---
    {apiVersion: v1, kind: Namespace, metadata: {name: team-b}}
    ---
    {apiVersion: v1, kind: Pod, metadata: {namespace: team-a, name: api}, status: {podIPs: [{ip: 10.8.1.1}]}}
    ---
    {apiVersion: v1, kind: Pod, metadata: {namespace: team-b, name: api}, status: {podIPs: [{ip: 10.8.2.1}]}}
    ---
    {apiVersion: v1, kind: Service, metadata: {namespace: proxy, name: one}, spec: {clusterIP: 10.96.0.1, ports: [{port: 3128, targetPort: 13128}]}}
    """

  /// One name, many.steer.test, that every client on loopback is answered with `count` IPv4 addresses.
  public static func manyAddresses(_ count: Int) -> String {
    let endpoints = (1...count).map { "{addresses: [10.1.0.\($0)]}" }.joined(separator: ", ")
    return """
      apiVersion: egress.aibang.com/v1alpha1
      kind: SteeringZone
      metadata: {name: steer-test}
      spec: {zone: steer.test}
      ---
      apiVersion: egress.aibang.com/v1alpha1
      kind: EgressRoute
      metadata: {name: many}
      spec: {hostnames: [many.steer.test], backendRefs: [{namespace: proxy, name: many, port: 13128}], \
      listenerPort: 13128, domainNames: [login.example.com]}
      ---
      apiVersion: egress.aibang.com/v1alpha1
      kind: EgressPolicy
      metadata: {name: everyone}
      spec:
        subject: {ipBlocks: [{cidr: 127.0.0.0/8}]}
        egress: [{name: many, action: Allow, routeRefs: [{name: many}]}]
      ---
      {apiVersion: v1, kind: Service, metadata: {namespace: proxy, name: many}, \
      spec: {clusterIP: None, ports: [{port: 13128}]}}
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata: {namespace: proxy, name: many-1, labels: {kubernetes.io/service-name: many}}
      addressType: IPv4
      endpoints: [\(endpoints)]
      """
  }

  /// A policy that did not load, with what was found.
  public struct Refused: Error, CustomStringConvertible {
    public let description: String
  }

  /// The validated policy of documents.
  public static func policy(_ documents: String) throws -> PolicySet {
    let loaded = PolicyLoader.load([PolicyFile(path: "policy.yaml", text: documents)])
    guard let policy = loaded.policy else {
      throw Refused(description: loaded.diagnostics.map(\.description).joined(separator: "\n"))
    }
    return policy
  }

  /// The snapshot of documents, with a serial.
  public static func snapshot(_ documents: String, serial: UInt32 = 7) throws -> Snapshot {
    let compiled = SnapshotCompiler.compile(.init(policy: try policy(documents), serial: serial))
    guard let snapshot = compiled.snapshot else {
      throw Refused(description: compiled.diagnostics.map(\.description).joined(separator: "\n"))
    }
    return snapshot
  }
}

/// A generator of repeatable randomness (SplitMix64).
public struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  /// A generator whose numbers follow from `seed`.
  public init(seed: UInt64) {
    state = seed
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
