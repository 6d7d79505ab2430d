import DNSWire
import Foundation
import TestSupport
import Testing

extension Lab {
  /// How clients are found: as a policy writes it.
  struct Identity: Sendable, CustomTestStringConvertible {
    /// The sources, in order.
    var sources: [String]
    /// Who may speak for clients, as CIDR.
    var trusted = ["\(Place.resolver.address)/32"]
    /// The sources in which they are believed; nil for all.
    var believed: [String]?

    /// Every source that there is, of one forwarder, which sets one of them: a client can send the others.
    static let everything = Identity(
      sources: ["edns-client-ip:65518", "edns-client-subnet", "edns-namespace:65519", "proxy-protocol"])

    var testDescription: String { sources.joined(separator: ", ") }

    /// The `identity` of a SteeringZone.
    fileprivate var text: String {
      let sources = believed.map { ", sources: [\($0.joined(separator: ", "))]" } ?? ""
      let forwarders = trusted.map { "{cidr: \($0)\(sources)}" }.joined(separator: ", ")
      return """
        identity:
            trustedForwarders: [\(forwarders)]
            sources: [\((self.sources + ["source-address"]).joined(separator: ", "))]
        """
    }
  }

  /// The name whose answer differs: each of team-a and team-b has its own proxy, team-c none.
  static let steeredName = "microsoft.intra.aibang.local"

  /// Steer's listeners for the queries of one namespace's pods.
  static let viewListeners = [
    "team-a=\(Place.steer.address):5301", "team-b=\(Place.steer.address):5302",
  ]

  /// The example policy with the lab's addresses, in a folder of its own.
  func policy(_ identity: Identity) throws -> WorkingFolder {
    let policy = try WorkingFolder(copying: WorkingFolder.zones)
    for (loopback, pod) in [("11", Place.teamA), ("12", .teamB), ("13", .teamC)] {
      let other = loopback == "11" ? ", {ip: \"fd00:8::11\"}" : ""
      try policy.replace(
        "[{ip: 127.0.0.\(loopback)}\(other)]", with: "[{ip: \(pod.address)}, {ip: \"\(pod.address6)\"}]",
        in: "inventory.yaml")
    }
    // The identity is the last of the example's zone.
    let zone = try String(contentsOf: policy.url.appending(path: "zone.yaml"), encoding: .utf8)
    let start = try #require(zone.range(of: "  identity:"))
    try policy.write(
      zone[..<start.lowerBound] + "  " + identity.text + "\n", to: "zone.yaml")
    return policy
  }

  /// Starts Steer with a policy, and waits until it answers; `wrapper` is a command that becomes the one which follows.
  @discardableResult func serve(
    _ policy: WorkingFolder, _ arguments: [String] = [], under wrapper: [String] = []
  ) async throws -> ChildProcess {
    let steer = try start(
      wrapper + [
        Steer.path, "serve", "--policy", policy.path, "--listen", "\(Place.steer.address):53", "--threads", "1",
      ] + Self.viewListeners.flatMap { ["--listen-view", $0] } + arguments, in: .steer)
    try await eventually("steer prints 'listening'") { steer.output.contains("\n") || !steer.isRunning }
    try #require(steer.output.hasPrefix("listening"), "\(steer.errors)")
    return steer
  }

  /// Starts a forwarder with a configuration, and waits until a pod gets an answer of Steer through it.
  func forward(by program: ForwarderProgram, _ configuration: String) async throws {
    let file = "\(program.rawValue).conf"
    try folder.write(program.preamble(folder: folder) + "\n" + configuration, to: file)
    let forwarder = try start(program.command(file: folder.path(of: file)), in: .resolver)
    let deadline = ContinuousClock.now + .seconds(20)
    while true {
      let answer = try? await ask("intra.aibang.local", .soa, from: .teamA, patience: 500)
      if answer?.rcode == 0 { return }
      try #require(
        forwarder.isRunning && ContinuousClock.now < deadline,
        """
        \(program.rawValue) does not forward; if it is missing, deploy/test.sh installs it.
        \(forwarder.errors)\(forwarder.output)
        \(configuration)
        """)
      // Between two looks: a program that does not listen yet refuses at once.
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
