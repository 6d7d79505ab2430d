import DNSWire

extension DecodedRoute {
  /// Reads an `EgressRoute`; faults are reported.
  init?(_ document: Document) {
    guard let (metadata, spec) = document.metadataAndSpec() else { return nil }
    self.metadata = metadata
    owner = spec.optional("owner")?.string()
    hostnames = (spec.required("hostnames")?.items(atLeast: 1) ?? []).compactMap { item in
      item.hostname().map(item.located)
    }
    backends = spec.required("backendRefs")?.backendReferences() ?? []
    listenerPort = spec.required("listenerPort").flatMap { value in value.port().map(value.located) }
    let destinationsValue = spec.required("domainNames")
    destinations = destinationsValue?.distinct { $0.domainPattern() } ?? []
    let portsValue = spec.optional("ports")
    ports = portsValue.map { $0.distinct { $0.port() } } ?? [443]
    methods = spec.optional("methods").map { $0.distinct { $0.choice(HTTPMethod.self)?.rawValue } } ?? ["CONNECT"]
    let parentsValue = spec.optional("parentProxies")
    hasNoParent = parentsValue?.node.sequence?.isEmpty ?? (parentsValue == nil)
    parentProxies =
      parentsValue?.distinct(atLeast: 0, atMost: Limits.parentProxies) { $0.parentProxy() } ?? []
    parentSelection = spec.optional("parentSelection")?.choice() ?? .failover
    let check = spec.optional("healthCheck")?.healthCheck()
    healthCheck = check?.value ?? EgressRoute.HealthCheck()
    onRevocation = spec.optional("onRevocation")?.choice() ?? .keep
    ttl = spec.optional("ttl")?.duration()
    spec.finish()
    // What could not be read may have been the destination.
    let isWhole =
      destinationsValue?.node.sequence?.count == destinations.count
      && (portsValue == nil || portsValue?.node.sequence?.count == ports.count)
    if isWhole, let check, let target = check.value.connect { checkTarget(target, at: check.target) }
  }

  /// Reports a target of the health check that the route does not have: its parents refuse that.
  private func checkTarget(_ target: EgressRoute.ConnectTarget, at value: Value?) {
    guard let value, let name = try? DomainName(target.host) else { return }
    guard destinations.contains(where: { $0.matches(name) }), ports.contains(target.port) else {
      value.report(
        .healthCheckTarget,
        "is \(target.host):\(target.port), which is no destination of the route, so that its parents would refuse it; "
          + "use a name of 'domainNames' and one of 'ports'")
      return
    }
  }
}

extension Value {
  /// The Services of `backendRefs`, of which one at least must have a weight; faults are reported.
  func backendReferences() -> [BackendReference]? {
    guard let items = items(atLeast: 1, atMost: Limits.backends) else { return nil }
    let references = items.compactMap { $0.backendReference() }
    if references.count == items.count, references.allSatisfy({ $0.weight == 0 }) {
      report(.unusableWeights, "has no weight above 0, so no Service would be answered; give one a weight")
    }
    return references
  }

  private func backendReference() -> BackendReference? {
    guard let fields = fields() else { return nil }
    if let kind = fields.optional("kind"), let text = kind.string(), text != Kind.service.rawValue {
      kind.report(.invalidValue, "is '\(text.prefix(80))'; only Service can be referred to, write Service")
    }
    let namespace = fields.required("namespace")?.labelName()
    let nameValue = fields.required("name")
    let name = nameValue?.objectName()
    let port = fields.required("port").flatMap { value in value.port().map(value.located) }
    // An unreadable weight must not make the others look unusable.
    let weight = fields.optional("weight").map { $0.integer(in: 0...Limits.weight) ?? 1 } ?? 1
    fields.finish()
    guard let namespace, let nameValue, let name else { return nil }
    return BackendReference(
      service: nameValue.located(NamespacedName(namespace: namespace, name: name)), port: port,
      weight: UInt32(weight))
  }

  /// How parents are checked, and where the target stands that they are asked for; faults are reported.
  fileprivate func healthCheck() -> (value: EgressRoute.HealthCheck, target: Value?)? {
    guard let fields = fields() else { return nil }
    var check = EgressRoute.HealthCheck()
    let interval = fields.optional("interval").map { $0.checkDuration() }
    let timeout = fields.optional("timeout").map { $0.checkDuration() }
    let target = fields.optional("connect")
    check.connect = target?.connectTarget()
    fields.finish()
    // What could not be read is at no odds with anything.
    if case .some(nil) = interval { return (check, target) }
    if case .some(nil) = timeout { return (check, target) }
    check.interval = interval.flatMap(\.self) ?? check.interval
    check.timeout = timeout.flatMap(\.self) ?? min(check.timeout, check.interval)
    if check.timeout > check.interval {
      report(
        .invalidValue,
        "has a timeout of \(check.timeout)s, but the next check comes after \(check.interval)s; make the timeout at most "
          + "the interval")
    }
    return (check, target)
  }

  /// A duration of at least a second and at most an hour; a fault is reported.
  private func checkDuration() -> UInt32? {
    guard let seconds = duration() else { return nil }
    if (1...Limits.healthCheckSeconds).contains(seconds) { return seconds }
    report(.invalidDuration, "\(scalarText ?? "") is out of range; use 1s to 1h")
    return nil
  }

  private func connectTarget() -> EgressRoute.ConnectTarget? {
    guard let fields = fields() else { return nil }
    let host = fields.required("host")?.hostname()
    let port = fields.optional("port").map { $0.port() } ?? 443
    fields.finish()
    guard let host, let port else { return nil }
    return EgressRoute.ConnectTarget(host: host.relativeDescription, port: port)
  }

  fileprivate func parentProxy() -> EgressRoute.ParentProxy? {
    guard let fields = fields() else { return nil }
    let host = fields.required("host")?.hostOrAddress()
    let port = fields.required("port")?.port()
    fields.finish()
    guard let host, let port else { return nil }
    return EgressRoute.ParentProxy(host: host, port: port)
  }

  /// The items of a list in which nothing is repeated; faults are reported.
  fileprivate func distinct<Item: Hashable>(
    atLeast minimum: Int = 1, atMost maximum: Int = Limits.listItems, _ read: (Value) -> Item?
  ) -> [Item] {
    var seen: Set<Item> = []
    return (items(atLeast: minimum, atMost: maximum) ?? []).compactMap { value in
      guard let item = read(value) else { return nil }
      if !seen.insert(item).inserted {
        value.report(
          .invalidValue, "repeats \(value.scalarText.map { "'\($0)'" } ?? "an earlier item"); keep the first")
      }
      return item
    }
  }
}
