import DNSWire
import Testing

/// A forwarder that tells Steer who asked, as `steer render corefile` configures it.
enum GoodForwarder: String, CaseIterable, Sendable {
  case dnsmasqByECS = "dnsmasq, ecs"
  case dnsdistByProxyProtocol = "dnsdist, proxy-protocol"
  case dnsdistByECS = "dnsdist, ecs"
  case unboundByECS = "unbound, ecs"
  case bindByViews = "bind, views"

  /// The program.
  var program: ForwarderProgram {
    switch self {
    case .dnsmasqByECS: .dnsmasq
    case .dnsdistByProxyProtocol, .dnsdistByECS: .dnsdist
    case .unboundByECS: .unbound
    case .bindByViews: .bind
    }
  }

  /// How it says who asked, as `--method` takes it.
  var method: String { rawValue.split(separator: ", ").last.map(String.init) ?? "" }

  /// The source of identity that Steer uses behind it, as a canary names it.
  var source: String {
    switch self {
    case .dnsmasqByECS, .dnsdistByECS, .unboundByECS: "edns-client-subnet"
    case .dnsdistByProxyProtocol: "proxy-protocol"
    case .bindByViews: "listener"
    }
  }

  /// A policy's settings for it, and for nothing else.
  var identity: Lab.Identity { Lab.Identity(sources: self == .bindByViews ? [] : [source]) }

  /// What a client of no namespace is answered with.
  var refusal: ResponseCode { self == .bindByViews ? .refused : .nonexistentDomain }

  /// Whether a pod's own word about who it is reaches Steer as the forwarder's.
  var isForgeable: Bool { self == .unboundByECS }
}

extension Lab {
  /// The configuration that Steer renders for a forwarder.
  func render(_ forwarder: GoodForwarder, _ policy: WorkingFolder) async throws -> String {
    let views = ["STEER_LISTEN_VIEW": Self.viewListeners.joined(separator: ",")]
    let server = forwarder == .bindByViews ? [] : ["--server", Place.steer.address]
    let rendered = try await SteerTests.run(
      [
        Steer.path, "render", "corefile", "--for", forwarder.program.rawValue, "--method", forwarder.method,
      ] + server + [policy.path], environment: views)
    try #require(rendered.status == 0, "\(rendered.errors)")
    return rendered.output
  }

  /// Starts Steer, and a forwarder that is configured as Steer says.
  func serve(behind forwarder: GoodForwarder, _ identity: Identity? = nil) async throws {
    let policy = try policy(identity ?? forwarder.identity)
    try await serve(policy)
    try await forward(by: forwarder.program, render(forwarder, policy))
  }
}
