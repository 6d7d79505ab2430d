import DNSWire
import SteeringPolicy

/// One apex or alias, and how a forwarder says who asked for a name of it.
struct StubZone {
  /// The zone that the apex is of.
  var zone: SteeringZone
  /// The apex without its final dot: letters, digits, hyphens, underscores and dots only.
  var name: String
  /// How the forwarder says who asked.
  var method: IdentityMethod
  /// The option's code, if the method is a local option.
  var code: UInt16 = 0

  /// Whether it is a reverse zone, which resolvers have answers of their own for (RFC 6303).
  var isReverse: Bool { name.hasSuffix(".arpa") }

  /// CoreDNS takes no more servers in one `forward`.
  private static let serverLimit = 15

  /// The zones of a request; throws what is missing for one of them.
  static func all(of request: ForwarderConfiguration.Request) throws(RenderingError) -> [StubZone] {
    var stubs: [StubZone] = []
    for zone in request.zones {
      for apex in zone.servedApexes where request.zone == nil || request.zone == apex {
        stubs.append(try StubZone(zone, apex, request))
      }
    }
    guard !stubs.isEmpty else {
      guard let zone = request.zone else { throw RenderingError(.noZone, "the policy has no zone") }
      let known = request.zones.flatMap(\.servedApexes).map(\.relativeDescription).joined(separator: ", ")
      throw RenderingError(
        .unknownZone, "\(zone.relativeDescription) is no zone of the policy; there are: \(known)")
    }
    try checkServers(of: request, isByView: stubs.contains { $0.method == .views })
    return stubs
  }

  private init(
    _ zone: SteeringZone, _ apex: DomainName, _ request: ForwarderConfiguration.Request
  ) throws(RenderingError) {
    self.zone = zone
    name = apex.relativeDescription
    let isPlain = apex.labels.allSatisfy { label in
      label.allSatisfy { $0.isASCIIDigit || $0.isASCIILowercaseLetter || $0 == 0x2D || $0 == 0x5F }
    }
    // Any other character could mean something in one of the formats.
    guard isPlain, !apex.labels.isEmpty else {
      throw RenderingError(
        .nameNotWritable,
        "\(name) cannot be written into a forwarder's configuration; use letters, digits and hyphens")
    }
    let carried = request.forwarder.methods
    let listed = zone.identity.sources.compactMap { IdentityMethod($0) }
    let hasViews = carried.contains(.views) && !request.views.isEmpty
    method =
      request.method ?? listed.first(where: carried.contains) ?? (hasViews ? .views : carried.first ?? .clientIP)
    try checkMethod(listed, request.forwarder)
    try checkClusterDomain(apex, request.forwarder)
    for source in zone.identity.sources where IdentityMethod(source) == method {
      if case .ednsClientIP(let code) = source { self.code = code }
      if case .ednsNamespace(let code) = source { self.code = code }
      break
    }
  }

  private func checkMethod(_ listed: [IdentityMethod], _ forwarder: Forwarder) throws(RenderingError) {
    guard forwarder.methods.contains(method) else {
      let able = Forwarder.allCases.filter { $0.methods.contains(method) }.map(\.rawValue).joined(separator: ", ")
      let methods = forwarder.methods.map(\.rawValue).joined(separator: ", ")
      throw RenderingError(
        .methodNotCarried,
        "\(forwarder.rawValue) cannot say who asked by \(method.rawValue); it can by \(methods). Use one of these, or "
          + "one of \(able)")
    }
    if let source = method.sourceToAdd, !listed.contains(method) {
      throw RenderingError(
        .sourceNotListed,
        "zone \(name) does not believe \(method.rawValue): add '\(source)' to identity.sources of SteeringZone "
          + "\(zone.name)")
    }
    if zone.identity.trustedForwarders.isEmpty {
      throw RenderingError(
        .noTrustedForwarder,
        "zone \(name) trusts no forwarder, so nothing that one says would be believed: add the forwarder to "
          + "identity.trustedForwarders of SteeringZone \(zone.name)")
    }
    let believed = zone.identity.believedSources.joined().compactMap { IdentityMethod($0) }
    if let source = method.sourceToAdd, !believed.contains(method) {
      throw RenderingError(
        .sourceNotListed,
        "zone \(name) believes no forwarder by \(method.rawValue): add '\(source)' to the sources of the forwarder in "
          + "identity.trustedForwarders of SteeringZone \(zone.name)")
    }
  }

  /// Where a block has `kubernetes`, that plugin answers for the cluster's names before `forward` is met.
  private func checkClusterDomain(_ apex: DomainName, _ forwarder: Forwarder) throws(RenderingError) {
    guard forwarder == .coredns, method == .namespace || method == .views,
      let cluster = try? DomainName(CoreDNSText.clusterDomain), apex.isAtOrBelow(cluster)
    else { return }
    throw RenderingError(
      .zoneInClusterDomain,
      "zone \(name) is in \(CoreDNSText.clusterDomain), and the plugin that knows the namespaces would answer its names "
        + "with NXDOMAIN: use --method client-ip, or a zone outside of \(CoreDNSText.clusterDomain)")
  }

  private static func checkServers(
    of request: ForwarderConfiguration.Request, isByView: Bool
  ) throws(RenderingError) {
    if isByView {
      guard !request.views.isEmpty else {
        throw RenderingError(
          .noViews, "the method views needs a listener for each namespace; name them in the settings (listenView)")
      }
      if let view = request.views.first(where: { !$0.hasValidNamespace }) {
        throw RenderingError(.badNamespace, "'\(view.namespace.prefix(63))' is not a namespace's name")
      }
    } else if request.servers.isEmpty {
      throw RenderingError(
        .noServer, "name the address at which the forwarder reaches Steer: --server ADDR[:PORT]")
    }
    let servers = isByView ? request.views.map(\.endpoints) : [request.servers]
    guard servers.allSatisfy({ $0.count <= serverLimit }) else {
      throw RenderingError(.tooManyServers, "a forwarder takes at most \(serverLimit) servers; name fewer")
    }
    let endpoints = servers.flatMap(\.self)
    if endpoints.contains(where: { $0.port == 0 }) {
      throw RenderingError(.portMissing, "port 0 is no port that a forwarder could ask; name the real one")
    }
    if let endpoint = endpoints.first(where: { $0.address.octets.allSatisfy { $0 == 0 } }) {
      throw RenderingError(
        .addressUnspecified, "\(endpoint.address) is every address and none to ask; name one of Steer's own")
    }
    if let index = endpoints.indices.first(where: { endpoints[..<$0].contains(endpoints[$0]) }) {
      throw RenderingError(.serverTwice, "\(endpoints[index]) is named twice; name it once")
    }
  }
}
