public import DNSWire

/// A policy of random routes, rules and clients, with what a test must know of it without asking Steer.
public struct RandomPolicy {
  /// A route as it is written.
  public struct Route: Sendable {
    public var hostnames: [String]
    public var destinations: [String]
    public var ports: [UInt16]
    public var listenerPort: UInt16

    /// A route of these.
    public init(hostnames: [String], destinations: [String], ports: [UInt16], listenerPort: UInt16) {
      self.hostnames = hostnames
      self.destinations = destinations
      self.ports = ports
      self.listenerPort = listenerPort
    }
  }

  /// Labels that names are made of: few, so that they are often alike.
  public static let labels = ["a", "b", "login", "www", "x1", "a-b", "example", "evil"]
  private static let namespaces = 8
  private static let routeCount = 6

  /// The documents.
  public private(set) var text = ""
  public private(set) var routes: [Route] = []
  /// The address of each Service → the route whose listener it leads to.
  public private(set) var services: [IPAddress: Int] = [:]
  /// Addresses of pods, blocks, a node and strangers.
  public private(set) var clients: [IPAddress] = []

  /// The policy that follows from a generator.
  public init(_ generator: inout SeededGenerator) {
    var documents = [zone(&generator)]
    for number in 0..<Self.routeCount { documents += route(number, &generator) }
    for number in 0..<Self.namespaces { documents += namespace(number, &generator) }
    documents.append(
      "{apiVersion: v1, kind: Pod, metadata: {namespace: n0, name: host}, spec: {hostNetwork: true}, "
        + "status: {podIPs: [{ip: 10.9.0.1}]}}")
    clients += ["10.9.0.1", "192.0.2.0", "192.0.2.9", "192.0.2.200", "198.51.100.1", "2001:db8::1"]
      .compactMap(IPAddress.init)
    // Each policy has a priority of its own, so that none ties.
    for number in 0..<Int.random(in: 1..<14, using: &generator) { documents.append(policy(number, &generator)) }
    text = documents.joined(separator: "\n---\n")
  }

  /// A name of up to four labels below `test`.
  public static func name(_ generator: inout SeededGenerator) -> String {
    let count = Int.random(in: 1...3, using: &generator)
    return ((0..<count).map { _ in labels.randomElement(using: &generator) ?? "a" } + ["test"]).joined(separator: ".")
  }

  private func zone(_ generator: inout SeededGenerator) -> String {
    let unknown = ["Default", "Deny", "ServFail"].randomElement(using: &generator) ?? "Default"
    return "{apiVersion: egress.aibang.com/v1alpha1, kind: SteeringZone, metadata: {name: z}, "
      + "spec: {zone: steer.test, unknownClient: \(unknown)}}"
  }

  private mutating func route(_ number: Int, _ generator: inout SeededGenerator) -> [String] {
    let destinations = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
      (Bool.random(using: &generator) ? "*." : "") + Self.name(&generator)
    }
    let ports = [443, 8443, 80, 22].shuffled(using: &generator).prefix(.random(in: 1...3, using: &generator))
    let route = Route(
      hostnames: (0...Int.random(in: 0...1, using: &generator)).map { "r\(number)-\($0).steer.test" },
      destinations: Array(Set(destinations)).sorted(), ports: ports.map { UInt16($0) },
      listenerPort: UInt16(13_000 + number))
    routes.append(route)
    var documents = [
      """
      apiVersion: egress.aibang.com/v1alpha1
      kind: EgressRoute
      metadata: {name: r\(number)}
      spec:
        hostnames: [\(route.hostnames.joined(separator: ", "))]
        backendRefs: [{namespace: proxy, name: r\(number), port: 3128}]
        listenerPort: \(route.listenerPort)
        domainNames: [\(route.destinations.map { "\"\($0)\"" }.joined(separator: ", "))]
        ports: [\(route.ports.map(String.init).joined(separator: ", "))]
        parentProxies: [{host: parent.test, port: 3128}]
      """
    ]
    for (name, third) in [("r\(number)", 0), ("c\(number)", 1)] {
      let address = IPAddress(v4: 0x0A60_0000 | UInt32(third << 8 | number))
      services[address] = number
      documents.append(
        "{apiVersion: v1, kind: Service, metadata: {namespace: proxy, name: \(name)}, "
          + "spec: {clusterIP: \(address), ports: [{port: 3128, targetPort: \(route.listenerPort)}]}}")
    }
    return documents
  }

  private mutating func namespace(_ number: Int, _ generator: inout SeededGenerator) -> [String] {
    let tier = Int.random(in: 0..<3, using: &generator)
    let pods = ["api", "job"].enumerated().map { index, account in
      let address = IPAddress(v4: 0x0A08_0000 | UInt32(number << 8 | index + 1))
      clients.append(address)
      return "{apiVersion: v1, kind: Pod, metadata: {namespace: n\(number), name: \(account)}, "
        + "spec: {serviceAccountName: \(account)}, status: {podIPs: [{ip: \(address)}]}}"
    }
    return ["{apiVersion: v1, kind: Namespace, metadata: {name: n\(number), labels: {tier: t\(tier)}}}"] + pods
  }

  private func policy(_ number: Int, _ generator: inout SeededGenerator) -> String {
    func pick(_ range: Range<Int>) -> Int { .random(in: range, using: &generator) }
    let subject = [
      "namespaces: {matchLabels: {kubernetes.io/metadata.name: n\(pick(0..<Self.namespaces))}}",
      "namespaces: {matchLabels: {tier: t\(pick(0..<3))}}",
      "namespaces: {matchExpressions: [{key: tier, operator: NotIn, values: [t\(pick(0..<3))]}]}",
      "serviceAccounts: [{namespace: n\(pick(0..<Self.namespaces)), name: api}]",
      "ipBlocks: [{cidr: 192.0.2.0/\(pick(24..<29))}]",
    ][pick(0..<5)]
    let rules = (0..<pick(1..<5)).map { rule in
      let route = pick(0..<Self.routeCount)
      let kind = pick(0..<4)
      let backends = kind == 1 ? ", backendRefs: [{namespace: proxy, name: c\(route), port: 3128}]" : ""
      let more = kind == 2 ? ", {name: r\((route + 1) % Self.routeCount)}" : ""
      return "  - {name: p\(rule), action: \(kind == 3 ? "Deny" : "Allow"), routeRefs: [{name: r\(route)}\(more)]"
        + "\(backends)}"
    }
    return """
      apiVersion: egress.aibang.com/v1alpha1
      kind: EgressPolicy
      metadata: {name: p\(number)}
      spec:
        priority: \(number)
        mode: \(pick(0..<4) == 0 ? "Report" : "Enforce")
        subject: {\(subject)}
        egress:
      \(rules.joined(separator: "\n"))
      """
  }
}

extension RandomPolicy.Route {
  /// A destination that is one of the route's, or close to it, or anything.
  public func destination(_ generator: inout SeededGenerator) -> (host: String, port: UInt16) {
    let label = RandomPolicy.labels.randomElement(using: &generator) ?? "a"
    let pattern = destinations.randomElement(using: &generator) ?? ""
    var host = pattern.hasPrefix("*.") ? "\(label)\(pattern.dropFirst(1))" : pattern
    switch Int.random(in: 0..<16, using: &generator) {
    case 0: host = RandomPolicy.name(&generator)
    case 1: host = String(pattern.drop { $0 == "*" || $0 == "." })
    case 2: host = label + host
    case 3: host = "\(label).\(host)"
    case 4: host = "\(host).\(label)"
    case 5: host = host.uppercased()
    case 6: host += "."
    case 7: host += [".", "..", " ", "/", "%", "@", ":443", "\u{0}"].randomElement(using: &generator) ?? ""
    case 8: host = "\(label)@\(host)"
    case 9:
      host = ["10.0.0.1", "[::1]", "::1", "0x7f.1", "127.1", "", ".", "-"].randomElement(using: &generator) ?? ""
    case 10: host = host.split(separator: ".").dropFirst().joined(separator: ".")
    default: break
    }
    let ports: [UInt16] = [443, 8443, 80, 22, 0, 1, 65_535]
    let isOwn = Int.random(in: 0..<4, using: &generator) > 0
    return (host, (isOwn ? self.ports : ports).randomElement(using: &generator) ?? 0)
  }
}
