public import DNSWire
public import SteeringPolicy

/// The configuration of a parent, the Squid of the second tier: it lets through what the routes have, to whoever the first
/// tier is, and asks nobody.
///
/// It is written from the same policy, and is what stands if the first tier is passed by or is itself taken over.
public struct SquidParentConfiguration: Sendable {
  /// What is asked for.
  public struct Request: Sendable {
    /// The routes whose destinations are let through; those that name no parent have none here.
    public var routes: [EgressRoute]
    /// The one parent that is rendered: only what leads to it; nil for every route that has a parent.
    public var parent: EgressRoute.ParentProxy?
    /// The addresses of the cluster, from which alone anything is taken.
    public var sources: [IPBlock]
    /// Blocks inside to which destinations may lead, which else are refused like all addresses that are not public.
    public var insideAllowed: [IPBlock] = []
    /// The address and port to listen on; nil for port 3128 on all.
    public var listen: Endpoint?
    /// The folder of the PID file.
    public var folder = "/run/steer-parent"
    /// The folder of the logs.
    public var logFolder = "/var/log/steer-parent"
    /// The user that Squid becomes if it is started by root.
    public var user: String?

    /// A request for routes and sources; all else is as by default.
    public init(routes: [EgressRoute], sources: [IPBlock]) {
      self.routes = routes
      self.sources = sources
    }
  }

  /// The configuration, ending with a line break.
  public let text: String

  /// Renders a configuration; throws if nobody could use it, or everybody.
  public init(_ request: Request) throws(ProxyRenderingError) {
    guard !request.sources.isEmpty else {
      throw ProxyRenderingError(.noSource, "no source is named, so nobody could use the parent; name the cluster's")
    }
    if let open = request.sources.first(where: { $0.prefixLength == 0 }) {
      throw ProxyRenderingError(
        .openProxy, "\(open) is everybody, which makes an open proxy; name the blocks of the cluster's pods or nodes")
    }
    let routes = request.routes.filter { route in
      request.parent.map { route.parentProxies.contains($0) } ?? !route.parentProxies.isEmpty
    }
    guard !routes.isEmpty else {
      let known = Set(request.routes.flatMap(\.parentProxies).map { "\($0.host):\($0.port)" }).sorted()
      let missing = request.parent.map { "no route has the parent \($0.host):\($0.port)" } ?? "no route has a parent"
      throw ProxyRenderingError(
        .unknownParent,
        missing + (known.isEmpty ? "; add parentProxies" : "; the parents are \(known.joined(separator: ", "))"))
    }
    let inside = IPBlock.notPublic.flatMap { $0.subtracting(request.insideAllowed) }
    let parts = try [
      SquidParentText.process(request), SquidParentText.destinations(ParentDestinations.all(of: routes)),
      SquidParentText.access(sources: request.sources, inside: inside), SquidParentText.headers,
      SquidParentText.limits,
      SquidParentText.log(request),
    ]
    text = parts.joined(separator: [""]).joined(separator: "\n") + "\n"
  }
}
