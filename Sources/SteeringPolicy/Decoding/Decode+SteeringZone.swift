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
    let negativeTTL = spec.optional("negativeTTL").map { $0.duration() ?? 0 }
    let denyAnswer = spec.optional("denyAnswer")?.choice(SteeringZone.DenyAnswer.self)
    let unknownClient = spec.optional("unknownClient")?.choice(SteeringZone.UnknownClient.self)
    let identity = spec.optional("identity")?.identity()
    let reverseBlocks = (spec.optional("reverseBlocks")?.items(atMost: Limits.zoneNames) ?? []).compactMap { item in
      item.reverseBlock().map(item.located)
    }
    self.reverseBlocks = reverseBlocks
    let transfers = spec.optional("transfers")?.transfers() ?? []
    spec.finish()
    guard let apex else { return }
    zone = SteeringZone(
      name: metadata.name, location: metadata.location, apex: apex, aliases: aliases.map(\.value),
      nameservers: nameservers, zoneFile: zoneFile, ttl: ttl, negativeTTL: negativeTTL,
      denyAnswer: denyAnswer ?? .nxdomain, unknownClient: unknownClient ?? .default,
      identity: identity ?? .direct, transfers: transfers,
      reverseBlocks: reverseBlocks.map(\.value))
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

  /// A block that is a whole reverse zone: its length is one of whole labels, of 8 bits (IPv4) or 4 (IPv6).
  fileprivate func reverseBlock() -> IPBlock? {
    guard let block = block() else { return nil }
    let step = block.first.isIPv4 ? 8 : 4
    guard block.prefixLength > 0, block.prefixLength.isMultiple(of: step) else {
      report(
        .invalidCIDR,
        "is no whole reverse zone; use a length that is a multiple of \(step), such as "
          + (block.first.isIPv4 ? "10.96.7.0/24" : "fd00:96::/112"))
      return nil
    }
    return block
  }

  fileprivate func identity() -> IdentitySettings? {
    guard let fields = fields() else { return nil }
    let sourcesValue = fields.optional("sources")
    let sources = sourcesValue == nil ? [.sourceAddress] : sourcesValue?.identitySources(atLeast: 1)
    let trusted = fields.optional("trustedForwarders")?.items(atMost: Limits.trustedForwarders) ?? []
    let forwarders = trusted.compactMap { $0.trustedForwarder(of: sources) }
    fields.finish()
    guard let sources, forwarders.count == trusted.count else { return nil }
    let settings = IdentitySettings(trustedForwarders: forwarders, sources: sources)
    sourcesValue?.warn(of: settings)
    return settings
  }

  /// Reports sources in which nobody is believed, and those of which a client can keep one away and forge another.
  private func warn(of settings: IdentitySettings) {
    let useless = settings.sources.filter { $0 != .sourceAddress && !settings.isBelieved($0) }
    if !useless.isEmpty {
      report(
        .nobodyTrusted,
        "has \(useless.map(\.description).joined(separator: ", ")), in which no trusted forwarder is believed; name the "
          + "forwarder in 'trustedForwarders', or remove it")
    }
    let ways = Dictionary(grouping: settings.trustedForwarders, by: \.sender).mapValues { entries in
      Set(entries.flatMap { $0.sources ?? settings.sources }).subtracting([.sourceAddress]).count
    }
    if let most = ways.values.max(), most > 1 {
      report(
        .severalSources,
        "lets one forwarder speak for clients in \(most) ways; a client that keeps it from adding one can add another "
          + "itself: give each of the 'trustedForwarders' its own 'sources', with the one that it sets")
    }
  }

  /// A forwarder that is believed in the zone's `listed` sources, or in those of its own; nil if there is a fault.
  private func trustedForwarder(
    of listed: [IdentitySettings.Source]?
  ) -> IdentitySettings.TrustedForwarder? {
    guard let fields = fields() else { return nil }
    let account = fields.optional("serviceAccount")
    let cidr = fields.optional("cidr")
    let ownValue = fields.optional("sources")
    let own = ownValue?.identitySources(among: listed)
    fields.finish()
    if ownValue != nil, own == nil { return nil }
    switch (account, cidr) {
    case (let account?, nil):
      return account.namespacedName().map {
        .init(.serviceAccount(namespace: $0.namespace, name: $0.name), sources: own)
      }
    case (nil, let cidr?):
      guard let block = cidr.block() else { return nil }
      if block.prefixLength > 0 { return .init(.block(block), sources: own) }
      cidr.report(.invalidValue, "is every address; trust single forwarders, never a whole network")
    default:
      report(.invalidValue, "must have either 'serviceAccount' or 'cidr'; write exactly one of them")
    }
    return nil
  }

  /// A list of distinct sources, each one of `listed` if that is given; nil if there is a fault.
  private func identitySources(
    atLeast minimum: Int = 0, among listed: [IdentitySettings.Source]? = nil
  ) -> [IdentitySettings.Source]? {
    guard let items = items(atLeast: minimum, atMost: Limits.identitySources) else { return nil }
    var sources: [IdentitySettings.Source] = []
    for item in items {
      guard let source = item.identitySource() else { continue }
      if sources.contains(source) {
        item.report(.invalidValue, "repeats '\(source)'; keep the first")
      } else if let listed, !listed.contains(source) || source == .sourceAddress {
        item.report(
          .invalidValue,
          "'\(source)' is not a way in which the zone lets forwarders speak; add it to identity.sources")
      } else {
        sources.append(source)
      }
    }
    return sources.count == items.count ? sources : nil
  }

  /// `edns-client-ip:CODE`, `edns-client-subnet`, `edns-namespace:CODE` `proxy-protocol` or `source-address`.
  private func identitySource() -> IdentitySettings.Source? {
    guard let text = string() else { return nil }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let code =
      parts.count == 2
      ? UInt16(parts[1]).flatMap { (65001...65534).contains($0) && "\($0)" == parts[1] ? $0 : nil } : nil
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
