import DNSWire
public import SteeringPolicy

/// The Services that the routes and rules of a policy refer to, as Kubernetes manifests: each port leads to the listener of
/// the route that it is for, and the address is the one that the policy has for the Service.
public struct ServiceManifests: Sendable {
  /// The manifests, YAML documents.
  public let text: String

  /// Renders the Services of a policy, which select pods by labels.
  ///
  /// Throws if one port of a Service would have to lead to two listeners, or a name is none that a Service can have.
  public init(of policy: PolicySet, selecting labels: PodLabels = .standard) throws(ProxyRenderingError) {
    var targets: [NamespacedName: [UInt16: UInt16]] = [:]
    var addresses: [NamespacedName: [String]] = [:]
    for (backend, route) in policy.backends {
      addresses[backend.service] = backend.isHeadless ? ["None"] : backend.addresses.map(\.description)
      let port = targets[backend.service, default: [:]].updateValue(route.listenerPort, forKey: backend.port)
      if let port, port != route.listenerPort {
        throw ProxyRenderingError(
          .servicePortClash,
          "port \(backend.port) of Service '\(backend.service)' would have to lead to the listeners \(port) and "
            + "\(route.listenerPort), of route '\(route.name)'; give each route a port or a Service of its own")
      }
    }
    guard !targets.isEmpty else {
      throw ProxyRenderingError(.noListener, "there is no route, so there is no Service; add an EgressRoute")
    }
    var documents: [String] = []
    for (service, ports) in targets.sorted(by: { ($0.key.namespace, $0.key.name) < ($1.key.namespace, $1.key.name) })
    {
      guard Self.isServiceName(service.name) else {
        throw ProxyRenderingError(
          .badServiceName,
          "'\(service)' cannot be a Service; its name has to be a DNS label that begins with a letter (RFC 1035)")
      }
      var lines = [
        "apiVersion: v1", "kind: Service", "metadata:", "  namespace: \"\(service.namespace)\"",
        "  name: \"\(service.name)\"", "spec:",
      ]
      lines += Self.addressLines(addresses[service] ?? [])
      lines += ["  selector: \(labels.text)", "  ports:"]
      for (port, target) in ports.sorted(by: { $0.key < $1.key }) {
        lines.append("  - {name: \"proxy-\(port)\", protocol: TCP, port: \(port), targetPort: \(target)}")
      }
      documents.append(lines.joined(separator: "\n") + "\n")
    }
    text =
      "# The Services of the routes: each port leads to the listener of its route (targetPort), which is all that tells the\n"
      + "# proxy which route a client uses. Written by 'steer render services'.\n"
      + documents.joined(separator: "---\n")
  }

  /// The fields that give a Service its address, so that it has the same when it is made anew.
  private static func addressLines(_ addresses: [String]) -> [String] {
    guard let first = addresses.first else {
      return ["  # clusterIP: …: pin one, or a Service that is made anew moves"]
    }
    let single = "  clusterIP: \"\(first)\""
    if addresses.count == 1 { return [single] }
    // Who names both families has to name the first one twice.
    let both = addresses.map { "\"\($0)\"" }.joined(separator: ", ")
    return ["  ipFamilyPolicy: RequireDualStack", single, "  clusterIPs: [\(both)]"]
  }

  private static func isServiceName(_ name: String) -> Bool {
    name.utf8.count <= 63 && name.utf8.first?.isASCIILowercaseLetter == true && !name.utf8.contains(0x2E)
  }
}

extension PolicySet {
  /// Every Service that a route or a rule refers to, with the route that its port is for.
  var backends: [(backend: Backend, route: EgressRoute)] {
    let own = routes.flatMap { route in route.backends.map { ($0, route) } }
    let others = policies.flatMap(\.rules).flatMap { rule in
      (rule.backends ?? []).flatMap { backend in rule.routes.map { (backend, routes[$0]) } }
    }
    return own + others
  }
}
