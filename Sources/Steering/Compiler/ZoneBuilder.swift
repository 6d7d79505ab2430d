import DNSWire
import SteeringPolicy

/// Lays the policy's names over the records of the master files, and encodes the zones.
struct ZoneBuilder {
  private let generation: Generation
  private(set) var diagnostics: [Diagnostic] = []
  /// The settings that have a rule, by the rule's index.
  private var identities: [IdentitySettings] = []

  init(_ generation: Generation) {
    self.generation = generation
  }

  private typealias Hostname = (name: Located<DomainName>, route: Int)

  /// Adds every zone, with its records and with the routes' names.
  mutating func add(
    _ policy: PolicySet, records: [String: [StaticRecord]], to compiled: inout CompiledPolicy
  ) {
    let apexes = Set(policy.zones.map(\.apex))
    let everyApex = policy.zones.flatMap { zone in zone.servedApexes.map { Located($0, at: zone.location) } }
    var hostnames: [DomainName: [Hostname]] = [:]
    for (index, route) in policy.routes.enumerated() {
      for hostname in route.hostnames {
        var ancestor = hostname.value.parent
        while let name = ancestor, !apexes.contains(name) { ancestor = name.parent }
        if let apex = ancestor { hostnames[apex, default: []].append((hostname, index)) }
      }
    }
    for zone in policy.zones {
      var draft = ZoneDraft(apex: zone.apex)
      if let records = records[zone.name] {
        checkNameservers(of: zone, records)
        for apex in everyApex where apex.value != zone.apex && apex.value.isAtOrBelow(zone.apex) {
          checkShadowed(records, by: apex)
        }
      }
      let hostnames = hostnames[zone.apex] ?? []
      let isFileAlone = hostnames.isEmpty && records[zone.name] != nil
      addStatic(
        records[zone.name] ?? synthesized(zone, apex: zone.apex),
        negativeTTL: zone.negativeTTL ?? (isFileAlone ? nil : SteeringZone.defaultNegativeTTL), to: &draft)
      addSteered(hostnames, policy.routes, of: zone, to: &draft)
      addGeneration(of: zone, to: &draft)
      addPadding(of: zone, to: &draft)
      checkLengths(of: draft, in: zone, hostnames.map(\.name))
      add(zone, draft, servedAt: zone.apexes, to: &compiled)
      addReverseZones(of: zone, hostnames.map { ($0.name.value, $0.route) }, to: &compiled)
    }
  }

  /// Reports a name that under an alias would be longer than a name can be.
  private mutating func checkLengths(
    of draft: ZoneDraft, in zone: SteeringZone, _ hostnames: [Located<DomainName>]
  ) {
    guard let longest = draft.names.max(by: { $0.labels.count < $1.labels.count }) else { return }
    for alias in zone.aliases where longest.labels.count + alias.wire.count > DomainName.maximumLength {
      let name = try? DomainName(wire: Array(longest.labels) + zone.apex.wire)
      report(
        .invalidDNSName, zone.location, related: hostnames.filter { $0.value == name }.map(\.location),
        "\(name?.description ?? "a name") would be longer than 255 octets under the alias \(alias.relativeDescription); shorten one of them"
      )
    }
  }

  /// Adds the reverse zones that a zone asks for.
  private mutating func addReverseZones(
    of zone: SteeringZone, _ hostnames: [(name: DomainName, route: Int)], to compiled: inout CompiledPolicy
  ) {
    let pointers = ReverseBuilder(zone, hostnames: hostnames, in: compiled)
    for block in zone.reverseBlocks {
      var draft = ZoneDraft(apex: block.reverseName)
      addStatic(
        synthesized(zone, apex: draft.apex), negativeTTL: zone.negativeTTL ?? SteeringZone.defaultNegativeTTL,
        to: &draft)
      pointers.add(block, to: &draft, &compiled)
      addGeneration(of: zone, to: &draft)
      add(
        zone, draft, servedAt: [draft.apex],
        addressDepth: IPBlock(block.first).reverseName.labels.count - draft.apex.labels.count, to: &compiled)
    }
  }

  /// Appends a zone and finds it by its apexes.
  private mutating func add(
    _ zone: SteeringZone, _ draft: ZoneDraft, servedAt apexes: [DomainName], addressDepth: Int = 0,
    to compiled: inout CompiledPolicy
  ) {
    let index = UInt32(compiled.zones.count)
    let apexNode = UInt32(compiled.nodes.count)
    draft.encode(to: &compiled)
    let atApex = compiled.nodes[Int(apexNode)].rrsets
    let soa = atApex.first { compiled.rrsets[Int($0)].type == .soa }
    compiled.zones.append(
      Zone(
        apex: draft.apex, apexNode: apexNode,
        soa: soa.map { compiled.rrsets[Int($0)] } ?? RRset(type: .soa, count: 0, start: 0, length: 0),
        nameservers: atApex.first { compiled.rrsets[Int($0)].type == .ns } ?? Node.none,
        negativeTTL: draft.records(at: 0, .soa).first?.record.negativeTTL ?? 0, addressDepth: addressDepth,
        denyAnswer: zone.denyAnswer,
        ttl: zone.ttl, identityRule: identityRule(of: zone, in: &compiled),
        unknownClient: zone.unknownClient, aliases: Array(apexes.dropFirst()),
        transfers: zone.transfers.map { TransferGrant($0, in: compiled) }))
    for apex in apexes {
      _ = compiled.apexes.insert(apex.wire.dropLast(), space: 0)
      compiled.apexZones.append(index)
      compiled.deepestApex = max(compiled.deepestApex, apex.labels.count)
    }
  }

  /// The index of the rule that finds a zone's clients; zones with equal settings share one.
  private mutating func identityRule(of zone: SteeringZone, in compiled: inout CompiledPolicy) -> Int {
    if let index = identities.firstIndex(of: zone.identity) { return index }
    identities.append(zone.identity)
    compiled.identityRules.append(IdentityRule(zone.identity))
    return identities.count - 1
  }

  /// SOA and NS of a zone without a master file, or of a reverse zone.
  private func synthesized(_ zone: SteeringZone, apex: DomainName) -> [StaticRecord] {
    let primary = zone.nameservers.first ?? zone.apex
    let contact = (try? DomainName("hostmaster.\(zone.apex)")) ?? zone.apex
    // Serial, refresh, retry, expire, minimum; serial and minimum are set with those of every SOA.
    let timers = [0, 3600, 600, 86400, 0].flatMap { UInt32($0).bigEndianOctets }
    let soa = ResourceRecord(owner: apex, type: .soa, ttl: 0, rdata: primary.wire + contact.wire + timers)
    let servers = zone.nameservers.map {
      ResourceRecord(owner: apex, type: .ns, ttl: 3600, rdata: $0.wire)
    }
    return ([soa] + servers).map { StaticRecord($0, at: zone.location) }
  }

  /// Reports name servers of the policy that the master file, which counts, does not name.
  private mutating func checkNameservers(of zone: SteeringZone, _ records: [StaticRecord]) {
    let served = Set(records.filter { $0.record.type == .ns && $0.record.owner == zone.apex }.map(\.record.rdata))
    if !zone.nameservers.isEmpty, served != Set(zone.nameservers.map(\.wire)) {
      report(
        .zoneNameservers, zone.location,
        "the nameservers of zone \(zone.name) are not those of its zone file, which are served; make the two the same, or "
          + "leave 'nameservers' out")
    }
  }

  /// Reports records that lie at or below an apex served here, where that zone answers instead.
  ///
  /// Those of a delegation are as they should be: NS and DS at the apex, and glue below.
  private mutating func checkShadowed(_ records: [StaticRecord], by zone: Located<DomainName>) {
    let apex = zone.value
    let isDelegated = records.contains { $0.record.type == .ns && $0.record.owner == apex }
    for record in records where record.record.owner.isAtOrBelow(apex) {
      let isAtApex = record.record.owner == apex
      let delegating: [RecordType] = isAtApex ? [.ns, .ds, .a, .aaaa] : [.a, .aaaa]
      if isDelegated, delegating.contains(record.record.type) { continue }
      report(
        .zoneOutside, record.location, related: [zone.location],
        "\(record.record.owner) lies in \(apex), which is served here too and answers instead; move the record there")
    }
  }

  /// Adds records, of which the SOA gets its serial and, if it is given, `negativeTTL`.
  private func addStatic(_ records: [StaticRecord], negativeTTL: UInt32?, to draft: inout ZoneDraft) {
    for record in records {
      var record = record
      if record.record.type == .soa {
        record.record.setSOA(serial: generation.serial, minimum: negativeTTL)
        if let ttl = negativeTTL { record.record.ttl = ttl }
      }
      draft.add(record)
    }
    draft.markCuts()
  }

  private mutating func addSteered(
    _ hostnames: [Hostname], _ routes: [EgressRoute], of zone: SteeringZone, to draft: inout ZoneDraft
  ) {
    for (hostname, route) in hostnames {
      let index = draft.index(of: hostname.value)
      if let clash = draft.names[index].records.first?.records.first {
        report(
          .zoneClash, hostname.location, related: [clash.location],
          "\(hostname.value) is steered by route \(routes[route].name) and also has records in the zone file "
            + "(\(clash.location)); take it out of one of them")
        continue
      }
      draft.names[index].node.route = UInt32(route)
      draft.names[index].node.ttl = routes[route].ttl ?? zone.ttl
    }
    draft.markCuts()
    for (hostname, _) in hostnames {
      let node = draft.names[draft.index(of: hostname.value)].node
      if node.cut != Node.none, let record = draft.records(at: Int(node.cut), .ns).first {
        report(
          .zoneClash, hostname.location, related: [record.location],
          "\(hostname.value) lies below \(record.record.owner), which the zone file delegates away "
            + "(\(record.location)); choose a name outside the delegation")
      } else if node.redirect != Node.none, let record = draft.records(at: Int(node.redirect), .dname).first {
        report(
          .zoneClash, hostname.location, related: [record.location],
          "\(hostname.value) lies below \(record.record.owner), which the zone file redirects by DNAME "
            + "(\(record.location)); choose a name outside of it")
      }
    }
  }

  private func addGeneration(of zone: SteeringZone, to draft: inout ZoneDraft) {
    // A DNAME at the apex redirects every name below it, ours too: below it there is nothing (RFC 6672 §2.4).
    guard draft.names[0].node.redirect == Node.none else { return }
    let label = [UInt8(ReservedLabel.generation.count)] + ReservedLabel.generation
    guard let name = try? DomainName(wire: label + draft.apex.wire) else { return }
    let texts = ["serial=\(generation.serial)", "digest=\(generation.digest)"]
    let rdata = texts.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
    let record = ResourceRecord(owner: name, type: .txt, ttl: 0, rdata: rdata)
    draft.add(StaticRecord(record, at: zone.location))
    draft.names[draft.index(of: name)].node.isAlwaysVisible = true
  }

  /// Adds names whose answers are long, by which a client finds out what its path lets through.
  private func addPadding(of zone: SteeringZone, to draft: inout ZoneDraft) {
    guard draft.names[0].node.redirect == Node.none else { return }
    for (label, size) in [("small", 1_050), ("large", 3_000)] {
      let canary = String(decoding: ReservedLabel.canary, as: UTF8.self)
      guard let name = try? DomainName("\(label).\(canary).\(zone.apex)") else { continue }
      let rdata = stride(from: 0, to: size, by: 200).flatMap { start in
        let count = min(200, size - start) - 1
        return [UInt8(count)] + Array(repeating: UInt8(ascii: "."), count: count)
      }
      let record = ResourceRecord(owner: name, type: .txt, ttl: 0, rdata: rdata)
      draft.add(StaticRecord(record, at: zone.location))
      draft.names[draft.index(of: name)].node.isAlwaysVisible = true
    }
  }

  private mutating func report(
    _ code: DiagnosticCode, _ location: SourceLocation, related: [SourceLocation] = [], _ message: String
  ) {
    diagnostics.append(Diagnostic(code, at: location, related: related, message))
  }
}

/// Labels of names that Steer answers itself.
enum ReservedLabel {
  /// Before a name: why that name is answered to the asker as it is.
  static let explain: [UInt8] = Array("_explain".utf8)
  /// Below the apex, with or without one label before it: what of a query reached the server.
  static let canary: [UInt8] = Array("_canary".utf8)
  /// Below the apex: which generation is served.
  static let generation: [UInt8] = Array("_generation".utf8)

  /// Whether a label is one of them.
  static func isReserved(_ label: ArraySlice<UInt8>) -> Bool {
    [explain, generation, canary].contains { label.elementsEqual($0) }
  }
}

extension ResourceRecord {
  /// The serial of a SOA; nil for other types, or if the RDATA is too short for one (RFC 1035 §3.3.13).
  var soaSerial: UInt32? {
    guard type == .soa, rdata.count >= 20 else { return nil }
    return rdata[(rdata.count - 20)..<(rdata.count - 16)].reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// The TTL of a SOA in negative answers, in seconds: its MINIMUM, or its own TTL if that is less (RFC 2308 §5).
  fileprivate var negativeTTL: UInt32 {
    min(ttl, rdata.suffix(4).reduce(0) { $0 << 8 | UInt32($1) })
  }

  /// Sets the serial and, unless the record's own holds, the MINIMUM in seconds of a SOA, which are the first and the
  /// last of its five numbers.
  fileprivate mutating func setSOA(serial: UInt32, minimum: UInt32?) {
    guard rdata.count >= 20 else { return }
    rdata.replaceSubrange((rdata.count - 20)..<(rdata.count - 16), with: serial.bigEndianOctets)
    if let minimum { rdata.replaceSubrange((rdata.count - 4)..., with: minimum.bigEndianOctets) }
  }
}
