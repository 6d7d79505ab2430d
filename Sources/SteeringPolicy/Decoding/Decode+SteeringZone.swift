import DNSWire

extension DecodedZone {
  /// Reads a `SteeringZone`; faults are reported.
  init?(_ document: Document) {
    guard let (metadata, spec) = document.metadataAndSpec() else { return nil }
    let apexValue = spec.required("zone")
    let apex = apexValue?.zoneName()
    let aliases = spec.names("aliases") { $0.zoneName() }
    let zoneFile = spec.optional("zoneFile").flatMap { value in value.string().map(value.located) }
    var nameservers: [DomainName] = []
    if spec.optional("nameservers") != nil {
      nameservers = spec.names("nameservers", atLeast: 1) { $0.hostname() }.map(\.value)
    } else if spec.optional("zoneFile") == nil, let apex {
      do throws(DomainNameError) {
        nameservers = [try DomainName("ns1." + apex.relativeDescription)]
      } catch {
        apexValue?.report(.invalidDNSName, "leaves no room for the default name server; shorten it")
      }
    }
    self.metadata = metadata
    apexes = aliases
    if let apex, let apexValue { apexes.insert(apexValue.located(apex), at: 0) }
    let ttl = spec.optional("ttl").map { $0.duration() ?? 0 } ?? 10
    let negativeTTL = spec.optional("negativeTTL").map { $0.duration() ?? 0 } ?? 5
    let denyAnswer = spec.optional("denyAnswer")?.choice(SteeringZone.DenyAnswer.self)
    let unknownClient = spec.optional("unknownClient")?.choice(SteeringZone.UnknownClient.self)
    let identity = spec.optional("identity")?.identity()
    spec.finish()
    guard let apex else { return }
    zone = SteeringZone(
      name: metadata.name, location: metadata.location, apex: apex, aliases: aliases.map(\.value),
      nameservers: nameservers, zoneFile: zoneFile, ttl: ttl, negativeTTL: negativeTTL,
      denyAnswer: denyAnswer ?? .nxdomain, unknownClient: unknownClient ?? .default,
      identity: identity ?? .direct)
  }
}

extension FieldReader {
  /// A list of domain names.
  fileprivate func names(
    _ field: String, atLeast minimum: Int = 0, _ read: (Value) -> DomainName?
  ) -> [Located<DomainName>] {
    (optional(field)?.items(atLeast: minimum, atMost: Limits.zoneNames) ?? []).compactMap { item in
      read(item).map(item.located)
    }
  }
}

extension Value {
  /// A zone's apex.
  fileprivate func zoneName() -> DomainName? {
    guard let name = domainName() else { return nil }
    if !name.isWildcard { return name }
    report(.invalidDNSName, "is a wildcard; write the zone's apex")
    return nil
  }

  fileprivate func identity() -> IdentitySettings? {
    guard let fields = fields() else { return nil }
    let trusted = fields.optional("trustedForwarders")?.items(atMost: Limits.trustedForwarders) ?? []
    let forwarders = trusted.compactMap { $0.trustedForwarder() }
    var sources: [IdentitySettings.Source] = []
    let sourcesValue = fields.optional("sources")
    for item in sourcesValue?.items(atLeast: 1, atMost: Limits.identitySources) ?? [] {
      guard let source = item.identitySource() else { continue }
      if sources.contains(source) {
        item.report(.invalidValue, "repeats '\(item.scalarText ?? "")'; keep the first")
      }
      sources.append(source)
    }
    fields.finish()
    if trusted.isEmpty, sources.contains(where: { $0 != .sourceAddress }) {
      sourcesValue?.report(
        .nobodyTrusted, "is believed of trusted forwarders only, and there are none; name them in 'trustedForwarders'"
      )
    }
    return IdentitySettings(
      trustedForwarders: forwarders, sources: sourcesValue == nil ? [.sourceAddress] : sources)
  }

  private func trustedForwarder() -> IdentitySettings.TrustedForwarder? {
    guard let fields = fields() else { return nil }
    let account = fields.optional("serviceAccount")
    let cidr = fields.optional("cidr")
    fields.finish()
    switch (account, cidr) {
    case (let account?, nil):
      return account.namespacedName().map { .serviceAccount(namespace: $0.namespace, name: $0.name) }
    case (nil, let cidr?):
      guard let block = cidr.block() else { return nil }
      if block.prefixLength > 0 { return .block(block) }
      cidr.report(.invalidValue, "is every address; trust single forwarders, never a whole network")
    default:
      report(.invalidValue, "must have either 'serviceAccount' or 'cidr'; write exactly one of them")
    }
    return nil
  }

  /// `edns-client-ip:CODE`, `edns-client-subnet`, `edns-namespace:CODE` `proxy-protocol` or `source-address`.
  private func identitySource() -> IdentitySettings.Source? {
    guard let text = string() else { return nil }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let code = parts.count == 2 ? UInt16(parts[1]).flatMap { (65001...65534).contains($0) ? $0 : nil } : nil
    switch (parts[0], code, parts.count) {
    case ("edns-client-ip", let code?, 2): return .ednsClientIP(code)
    case ("edns-namespace", let code?, 2): return .ednsNamespace(code)
    case ("edns-client-subnet", _, 1): return .ednsClientSubnet
    case ("proxy-protocol", _, 1): return .proxyProtocol
    case ("source-address", _, 1): return .sourceAddress
    case ("edns-client-ip", nil, _), ("edns-namespace", nil, _):
      report(
        .invalidValue,
        "'\(text.prefix(80))' has no option code of the local range; write \(parts[0]):CODE with 65001 to 65534"
      )
    default:
      report(
        .invalidValue,
        "'\(text.prefix(80))' is not a source; use edns-client-ip:CODE, edns-client-subnet, "
          + "edns-namespace:CODE, proxy-protocol or source-address")
    }
    return nil
  }
}
