import DNSWire

extension Validator {
  /// Reports listeners that two routes share.
  func checkListeners() {
    var places: [UInt16: SourceLocation] = [:]
    for port in objects.routes.compactMap(\.listenerPort) {
      guard let first = places[port.value] else {
        places[port.value] = port.location
        continue
      }
      findings.report(
        .duplicateListener, at: port.location, related: [first],
        "the listener port \(port.value) is already taken at \(first); each route needs a port of its own")
    }
  }

  /// Reports routes that lead nowhere: the proxy never goes to a destination by itself.
  ///
  /// Where no route has a parent, the policy is about DNS only, or about another proxy than Steer's.
  func checkParents() {
    guard objects.routes.contains(where: { !$0.hasNoParent }) else { return }
    for route in objects.routes where route.hasNoParent {
      findings.report(
        .routeWithoutParent, at: route.metadata.location,
        "route '\(route.metadata.name)' has no parentProxies, and the proxy goes to no destination by itself: it answers "
          + "503 to whoever may use the route; name the proxies that it forwards to")
    }
  }

  /// The route with its Services resolved.
  mutating func resolve(_ route: DecodedRoute) -> EgressRoute {
    EgressRoute(
      name: route.metadata.name, location: route.metadata.location, owner: route.owner,
      hostnames: route.hostnames.filter { !outside.contains($0.value) },
      backends: route.backends.compactMap { resolve($0, for: [route]) },
      listenerPort: route.listenerPort?.value ?? 0, destinations: route.destinations, ports: route.ports,
      methods: route.methods, parentProxies: route.parentProxies, parentSelection: route.parentSelection,
      healthCheck: route.healthCheck, onRevocation: route.onRevocation, ttl: route.ttl)
  }

  /// The Service of a reference, whose port must lead to the listeners of `routes`; faults are reported.
  mutating func resolve(_ reference: BackendReference, for routes: [DecodedRoute]) -> Backend? {
    let name = reference.service.value
    let service = cluster?.services[name] ?? services[name]?.service
    if makesServices {
      return reference.port.map {
        Backend(
          service: name, port: $0.value, weight: reference.weight, addresses: service?.addresses ?? [],
          isHeadless: service?.isHeadless ?? false)
      }
    }
    guard let service else {
      if !objects.unread.mayHold(name.name) {
        let suggestion = suggestion(for: name.description) {
          $0.services.keys.map(\.description) + ($0.cluster?.services.keys.map(\.description) ?? [])
        }
        findings.report(
          .unknownService, at: reference.service.location,
          cluster == nil
            ? "there is no Service '\(name)' in the inventory\(suggestion); add its manifest, or correct the name"
            : "there is no Service '\(name)' in the cluster\(suggestion); create it, or correct the name")
      }
      return nil
    }
    let isLive = cluster?.services[name] != nil
    guard isLive || services[name]?.isComplete ?? false else { return nil }
    guard service.isHeadless || !service.addresses.isEmpty, !service.isExternalName else {
      let reason = service.isExternalName ? "is of type ExternalName" : "has no clusterIP"
      findings.report(
        .serviceWithoutAddress, at: reference.service.location,
        "Service '\(name)' \(reason), so there is no address to answer; use a ClusterIP or headless Service, "
          + "as it is in the cluster")
      return nil
    }
    guard let port = reference.port else { return nil }
    let leadsToListeners = checkTarget(of: port, in: service, named: name, for: routes)
    let ready = isLive ? cluster?.endpoints[name]?.sorted() : endpoints[name]
    let addresses = service.isHeadless ? ready ?? [] : service.addresses
    if service.isHeadless, addresses.isEmpty, !objects.unread.mayHold(name.name) {
      findings.report(
        .serviceWithoutEndpoints, at: reference.service.location,
        "the headless Service '\(name)' has no ready endpoint, so the name has no address; "
          + "add its EndpointSlices, or see why its pods are not ready")
    }
    guard leadsToListeners else { return nil }
    return Backend(
      service: name, port: port.value, weight: reference.weight, addresses: addresses, isHeadless: service.isHeadless)
  }

  /// Whether a Service has a port and it leads to the listener of each route; that it does not is reported.
  private func checkTarget(
    of port: Located<UInt16>, in service: ClusterInventory.Service, named name: NamespacedName,
    for routes: [DecodedRoute]
  ) -> Bool {
    guard let target = service.targets[port.value] else {
      let ports = service.targets.keys.sorted().map(String.init).joined(separator: ", ")
      findings.report(
        .serviceWithoutPort, at: port.location,
        "Service '\(name)' has no TCP port \(port.value); "
          + (ports.isEmpty ? "it has none at all, add one" : "its TCP ports are \(ports), use one of them"))
      return false
    }
    var leadsToAll = true
    for route in routes {
      guard let listener = route.listenerPort?.value else { continue }
      if service.isHeadless, port.value != listener {
        findings.report(
          .headlessPort, at: port.location,
          "the Service '\(name)' is headless, so clients reach its pods on port \(port.value) as it is, but route "
            + "'\(route.metadata.name)' listens on \(listener); make the two the same, or give the Service a ClusterIP"
        )
      }
      switch target {
      case .number(listener): break
      case .number(let number):
        leadsToAll = false
        findings.report(
          .targetPortMismatch, at: port.location,
          "port \(port.value) of Service '\(name)' leads to targetPort \(number), but route "
            + "'\(route.metadata.name)' listens on \(listener); make the two the same")
      case .name(let text):
        leadsToAll = false
        findings.report(
          .targetPortMismatch, at: port.location,
          "port \(port.value) of Service '\(name)' leads to the named targetPort '\(text.prefix(80))', which "
            + "cannot be verified; write the number \(listener) as its targetPort")
      }
    }
    return leadsToAll
  }
}
