import TestAPIServer

/// What is in the cluster beside pods: namespaces in groups, and a policy that answers each group differently.
enum LoadPolicy {
  /// How many groups there are; the last may not use the route.
  private static let groups = 8

  /// The name of a namespace; all are as long, as templates need them.
  static func name(ofNamespace namespace: Int) -> String { "team-" + String(100_000 + namespace) }

  /// What the pods of a namespace are answered.
  static func answer(ofNamespace namespace: Int) -> SteeredAnswer {
    let group = group(ofNamespace: namespace)
    return group == groups - 1 ? .nothing : .address(10 << 24 | 96 << 16 | 7 << 8 | UInt32(10 + group))
  }

  /// What a name of a route is, of those that are there beside the one that is asked for most: five letters.
  static func host(ofRoute route: Int) -> String { "r" + String(1000 + route) }

  /// The group whose pods may use a route.
  static func group(ofRoute route: Int) -> Int { route % (groups - 1) }

  private static func listenerPort(ofRoute route: Int) -> Int { 14_000 + route }

  /// The group of a namespace.
  static func group(ofNamespace namespace: Int) -> Int { namespace % groups }

  /// The Service of a route, once it has moved so many times.
  static func service(ofRoute route: Int, moves: Int = 0) -> (object: JSON, address: UInt32) {
    // As many ClusterIPs as there are routes lie between one and the next of the same Service.
    let address = 10 << 24 | 128 << 16 | UInt32(moves) << 12 | UInt32(route + 1)
    let text = [24, 16, 8, 0].map { String(address >> $0 & 0xFF) }.joined(separator: ".")
    let object = JSON.service(
      namespace: "intra-proxy", name: host(ofRoute: route), addresses: [text],
      ports: [(3128, listenerPort(ofRoute: route))])
    return (object, address)
  }

  /// All objects but pods.
  static func objects(namespaces: Int, routes: Int) throws -> [JSON] {
    var objects: [JSON] = []
    for namespace in 0..<namespaces {
      let name = name(ofNamespace: namespace)
      let address = "10.97.\(namespace / 250).\(namespace % 250 + 1)"
      objects.append(.namespace(name, labels: ["group": "g\(group(ofNamespace: namespace))"]))
      objects.append(.service(namespace: name, name: "main", addresses: [address], ports: [(8080, 8080)]))
    }
    for group in 0..<groups - 1 {
      let address = "10.96.7.\(10 + group)"
      objects.append(
        .service(namespace: "intra-proxy", name: "proxy-\(group)", addresses: [address], ports: [(3128, 13128)]))
      objects.append(try .custom(.egressPolicies, name: "group-\(group)", spec: policy(of: group)))
    }
    objects.append(try .custom(.steeringZones, name: "load", spec: zone))
    objects.append(
      try .custom(.egressRoutes, name: "proxy", spec: route(host: "proxy", service: "proxy-0", port: 13128)))
    for route in 0..<routes {
      let host = host(ofRoute: route)
      objects.append(service(ofRoute: route).object)
      objects.append(
        try .custom(
          .egressRoutes, name: host, spec: Self.route(host: host, service: host, port: listenerPort(ofRoute: route))))
      objects.append(try .custom(.egressPolicies, name: host, spec: policy(ofRoute: route)))
    }
    return objects
  }

  // Nothing is kept by whoever asks, and who is unknown has no view.
  private static let zone = #"""
    {"zone": "load.test", "nameservers": ["ns1.load.test"], "ttl": "0s", "negativeTTL": "0s",
     "denyAnswer": "NXDOMAIN", "unknownClient": "Deny", "identity": {"sources": ["source-address"]}}
    """#

  private static func route(host: String, service: String, port: Int) -> String {
    #"""
    {"owner": "load", "hostnames": ["\#(host).load.test"], "listenerPort": \#(port), "domainNames": ["\#(host).example.com"],
     "backendRefs": [{"kind": "Service", "namespace": "intra-proxy", "name": "\#(service)", "port": 3128}]}
    """#
  }

  private static func policy(ofRoute route: Int) -> String {
    #"""
    {"priority": 60, "subject": {"namespaces": {"matchLabels": {"group": "g\#(group(ofRoute: route))"}}},
     "egress": [{"name": "route", "action": "Allow", "routeRefs": [{"name": "\#(host(ofRoute: route))"}]}]}
    """#
  }

  private static func policy(of group: Int) -> String {
    #"""
    {"priority": 50, "subject": {"namespaces": {"matchLabels": {"group": "g\#(group)"}}},
     "egress": [{"name": "proxy", "action": "Allow", "routeRefs": [{"name": "proxy"}],
       "backendRefs": [{"kind": "Service", "namespace": "intra-proxy", "name": "proxy-\#(group)", "port": 3128}]}]}
    """#
  }
}
