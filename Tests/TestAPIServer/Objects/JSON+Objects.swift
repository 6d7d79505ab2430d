/// Objects as they are made often, with the fields that Steer reads.
extension JSON {
  /// A running pod; with `uid` another than before, it is another pod of that name.
  public static func pod(
    namespace: String, name: String, addresses: [String], serviceAccount: String = "default",
    phase: String = "Running",
    isOnHostNetwork: Bool = false, nodeAddresses: [String] = ["10.0.0.9"], uid: String? = nil, created: String? = nil
  ) -> JSON {
    var metadata: JSON = ["name": .string(name), "namespace": .string(namespace)]
    if let uid { metadata["uid"] = .string(uid) }
    if let created { metadata["creationTimestamp"] = .string(created) }
    var spec: JSON = [
      "containers": [["name": "main", "image": "registry.example/main:1"]],
      "serviceAccountName": .string(serviceAccount),
      "nodeName": "n1",
    ]
    if isOnHostNetwork { spec["hostNetwork"] = true }
    var status: JSON = ["phase": .string(phase)]
    if let node = nodeAddresses.first {
      status["hostIP"] = .string(node)
      status["hostIPs"] = .array(nodeAddresses.map { ["ip": .string($0)] })
    }
    if let address = addresses.first {
      status["podIP"] = .string(address)
      status["podIPs"] = .array(addresses.map { ["ip": .string($0)] })
    }
    return ["apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status]
  }

  /// A Service; `ports` are pairs of port and target port, and no address makes it headless.
  public static func service(
    namespace: String, name: String, addresses: [String], ports: [(port: Int, target: Int)], uid: String? = nil
  ) -> JSON {
    var metadata: JSON = ["name": .string(name), "namespace": .string(namespace)]
    if let uid { metadata["uid"] = .string(uid) }
    let addresses = addresses.isEmpty ? ["None"] : addresses
    let ports = ports.map { pair -> JSON in
      [
        "name": .string("port-\(pair.port)"), "protocol": "TCP", "port": .number(String(pair.port)),
        "targetPort": .number(String(pair.target)),
      ]
    }
    return [
      "apiVersion": "v1", "kind": "Service", "metadata": metadata,
      "spec": [
        "ports": .array(ports), "clusterIP": .string(addresses[0]),
        "clusterIPs": .array(addresses.map { .string($0) }),
        "type": "ClusterIP",
      ],
      "status": ["loadBalancer": [:]],
    ]
  }

  /// A namespace; it has the label that every namespace has.
  public static func namespace(_ name: String, labels: [String: String] = [:]) -> JSON {
    let all = labels.merging(["kubernetes.io/metadata.name": name]) { $1 }.sorted { $0.key < $1.key }
    return [
      "apiVersion": "v1", "kind": "Namespace",
      "metadata": ["name": .string(name), "labels": .object(all.map { .init($0.key, .string($0.value)) })],
      "spec": ["finalizers": ["kubernetes"]], "status": ["phase": "Active"],
    ]
  }

  /// An EndpointSlice of a Service, with addresses that are ready and others that are not.
  public static func endpointSlice(
    namespace: String, name: String, service: String, ready: [String], notReady: [String] = []
  ) -> JSON {
    func endpoint(_ address: String, isReady: Bool) -> JSON {
      [
        "addresses": [.string(address)],
        "conditions": ["ready": .bool(isReady), "serving": .bool(isReady), "terminating": .bool(!isReady)],
      ]
    }
    let endpoints = ready.map { endpoint($0, isReady: true) } + notReady.map { endpoint($0, isReady: false) }
    return [
      "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
      "metadata": [
        "name": .string(name), "namespace": .string(namespace),
        "labels": ["kubernetes.io/service-name": .string(service)],
      ],
      "addressType": "IPv4", "endpoints": .array(endpoints),
      "ports": [["name": "main", "port": 3128, "protocol": "TCP"]],
    ]
  }

  /// An object of one of Steer's kinds; `spec` is a text of JSON.
  public static func custom(_ resource: APIResource, name: String, spec: String) throws(JSONError) -> JSON {
    [
      "apiVersion": .string(resource.apiVersion), "kind": .string(resource.kind),
      "metadata": ["name": .string(name)], "spec": try JSON(spec),
    ]
  }
}
