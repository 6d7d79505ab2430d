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
    destinations = spec.required("domainNames")?.distinct { $0.domainPattern() } ?? []
    ports = spec.optional("ports").map { $0.distinct { $0.port() } } ?? [443]
    parentProxies = (spec.optional("parentProxies")?.items() ?? []).compactMap { $0.parentProxy() }
    ttl = spec.optional("ttl")?.duration()
    spec.finish()
  }
}

extension Value {
  /// The Services of `backendRefs`, of which one at least must have a weight; faults are reported.
  func backendReferences() -> [BackendReference]? {
    guard let items = items(atLeast: 1) else { return nil }
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

  fileprivate func parentProxy() -> EgressRoute.ParentProxy? {
    guard let fields = fields() else { return nil }
    let host = fields.required("host")?.hostOrAddress()
    let port = fields.required("port")?.port()
    fields.finish()
    guard let host, let port else { return nil }
    return EgressRoute.ParentProxy(host: host, port: port)
  }

  /// The items of a list that is not empty and in which nothing is repeated; faults are reported.
  fileprivate func distinct<Item: Hashable>(_ read: (Value) -> Item?) -> [Item] {
    var seen: Set<Item> = []
    return (items(atLeast: 1) ?? []).compactMap { value in
      guard let item = read(value) else { return nil }
      if !seen.insert(item).inserted {
        value.report(.invalidValue, "repeats '\(value.scalarText ?? "")'; keep the first")
      }
      return item
    }
  }
}
