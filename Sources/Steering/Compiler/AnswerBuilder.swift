import DNSWire
import SteeringPolicy

/// Encodes what routes are answered with: one variant for each distinct set of backends of a route.
enum AnswerBuilder {
  private struct VariantKey: Hashable {
    var route: Int
    var backends: [Backend]
  }

  /// Adds a variant for each route and for each rule that names other backends; fills the rule table's flat lists.
  static func addVariants(of policy: PolicySet, to compiled: inout CompiledPolicy) {
    var known: [VariantKey: UInt32] = [:]
    func variant(_ route: Int, _ backends: [Backend]) -> UInt32 {
      let key = VariantKey(route: route, backends: backends)
      if let index = known[key] { return index }
      let variant = AnswerVariant(
        a: addAddresses(of: backends, .a, to: &compiled), aaaa: addAddresses(of: backends, .aaaa, to: &compiled))
      compiled.variants.append(variant)
      known[key] = UInt32(compiled.variants.count - 1)
      return UInt32(compiled.variants.count - 1)
    }
    for (index, route) in policy.routes.enumerated() {
      compiled.ownVariants.append(variant(index, route.backends))
    }
    for (index, egress) in policy.policies.enumerated() {
      let firstRule = UInt32(compiled.rules.rules.count)
      for rule in egress.rules {
        let firstRoute = UInt32(compiled.rules.routes.count)
        for route in rule.routes {
          compiled.rules.routes.append(UInt32(route))
          compiled.rules.variants.append(
            rule.backends.map { variant(route, $0) } ?? compiled.ownVariants[route])
        }
        compiled.ruleBackends.append(rule.backends)
        compiled.ruleLocations.append(rule.location)
        compiled.rules.rules.append(
          RuleTable.Rule(
            name: rule.name, policy: UInt32(index), action: rule.action,
            routes: firstRoute..<UInt32(compiled.rules.routes.count)))
      }
      compiled.rules.policies.append(
        RuleTable.Policy(
          name: egress.name, priority: egress.priority, mode: egress.mode,
          rules: firstRule..<UInt32(compiled.rules.rules.count)))
    }
  }

  /// Adds the addresses of one family as an RRset with each record's share; none if there is no address.
  ///
  /// A backend's weight is shared out evenly among its addresses. Weight 0 takes a backend out of the answer.
  private static func addAddresses(
    of backends: [Backend], _ type: RecordType, to compiled: inout CompiledPolicy
  ) -> UInt32 {
    var weighted: [(address: IPAddress, weight: Double)] = []
    var seen: Set<IPAddress> = []
    for backend in backends where backend.weight > 0 {
      let addresses = backend.addresses.filter { $0.isIPv4 == (type == .a) && seen.insert($0).inserted }
      let weight = Double(backend.weight) / Double(max(addresses.count, 1))
      weighted += addresses.map { ($0, weight) }
    }
    guard !weighted.isEmpty else { return Node.none }
    // TTL 0 here: the zone or the route says it, and the node carries it.
    let records = weighted.map { RecordEncoder.encode(type, ttl: 0, rdata: $0.address.octets) }
    var rrset = RecordEncoder.addRRset(type, records, to: &compiled)
    if weighted.count > 1 {
      let first = UInt32(compiled.shares.count)
      let total = weighted.reduce(0) { $0 + $1.weight }
      var sum = 0.0
      for (_, weight) in weighted {
        sum += weight
        compiled.shares.append(UInt32(min(sum / total, 1) * Double(UInt32.max)))
      }
      rrset.shares = first..<UInt32(compiled.shares.count)
    }
    compiled.rrsets.append(rrset)
    return UInt32(compiled.rrsets.count - 1)
  }
}
