import TestAPIServer

/// What is in the cluster beside pods: namespaces in groups, and a policy that answers each group differently.
enum LoadPolicy {
  /// How many groups there are; the last may not use the route.
  private static let groups = 8

  /// The name of a namespace; all are as long, as templates need them.
  static func name(ofNamespace namespace: Int) -> String { "team-" + String(100_000 + namespace) }

  /// What the pods of a namespace are answered.
  static func answer(ofNamespace namespace: Int) -> SteeredAnswer {
    let group = namespace % groups
    return group == groups - 1 ? .nothing : .address(10 << 24 | 96 << 16 | 7 << 8 | UInt32(10 + group))
  }

  /// All objects but pods.
  static func objects(namespaces: Int) throws -> [JSON] {
    var objects: [JSON] = []
    for namespace in 0..<namespaces {
      let name = name(ofNamespace: namespace)
      let address = "10.97.\(namespace / 250).\(namespace % 250 + 1)"
      objects.append(.namespace(name, labels: ["group": "g\(namespace % groups)"]))
      objects.append(.service(namespace: name, name: "main", addresses: [address], ports: [(8080, 8080)]))
    }
    for group in 0..<groups - 1 {
      let address = "10.96.7.\(10 + group)"
      objects.append(
        .service(namespace: "intra-proxy", name: "proxy-\(group)", addresses: [address], ports: [(3128, 13128)]))
      objects.append(try .custom(.egressPolicies, name: "group-\(group)", spec: policy(of: group)))
    }
    objects.append(try .custom(.steeringZones, name: "load", spec: zone))
    objects.append(try .custom(.egressRoutes, name: "proxy", spec: route))
    return objects
  }

  // Nothing is kept by whoever asks, and who is unknown has no view.
  private static let zone = #"""
    {"zone": "load.test", "nameservers": ["ns1.load.test"], "ttl": "0s", "negativeTTL": "0s",
     "denyAnswer": "NXDOMAIN", "unknownClient": "Deny", "identity": {"sources": ["source-address"]}}
    """#

  private static let route = #"""
    {"owner": "load", "hostnames": ["proxy.load.test"], "listenerPort": 13128, "domainNames": ["example.com"],
     "backendRefs": [{"kind": "Service", "namespace": "intra-proxy", "name": "proxy-0", "port": 3128}]}
    """#

  private static func policy(of group: Int) -> String {
    #"""
    {"priority": 50, "subject": {"namespaces": {"matchLabels": {"group": "g\#(group)"}}},
     "egress": [{"name": "proxy", "action": "Allow", "routeRefs": [{"name": "proxy"}],
       "backendRefs": [{"kind": "Service", "namespace": "intra-proxy", "name": "proxy-\#(group)", "port": 3128}]}]}
    """#
  }
}
