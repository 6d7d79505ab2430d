import SteeringPolicy

/// A policy of any size, made as text, so that decoding is part of what is measured.
struct PolicyText {
  /// How policies and routes are related.
  enum Shape: String, CaseIterable {
    /// Each namespace has ten routes of its own choice and one with another proxy: no two views are the same.
    case distinct
    /// Each namespace has every route, and one of them with another proxy: as many pairs as can be.
    case every
  }

  /// Files are limited in size; this many policies of a thousand routes each fit in one.
  private static let policiesPerFile = 250

  /// How policies and routes are related.
  let shape: Shape
  /// How many routes there are.
  let routes: Int
  /// How many namespaces, each with a policy of its own.
  let namespaces: Int
  /// How many pods, spread over the namespaces.
  let pods: Int

  /// The files that hold the policy and its inventory.
  var files: [PolicyFile] {
    [
      PolicyFile(path: "zone.yaml", text: zone), PolicyFile(path: "routes.yaml", text: routeList),
      PolicyFile(path: "inventory.yaml", text: inventory),
    ]
      + stride(from: 0, to: namespaces, by: Self.policiesPerFile).map { first in
        let last = min(first + Self.policiesPerFile, namespaces)
        return PolicyFile(path: "policies-\(first).yaml", text: policyList(first..<last))
      }
  }

  private var zone: String {
    """
    apiVersion: egress.aibang.com/v1alpha1
    kind: SteeringZone
    metadata: {name: benchmark}
    spec: {zone: intra.aibang.local, nameservers: [ns1.intra.aibang.local]}

    """
  }

  private var routeList: String {
    var text = "apiVersion: egress.aibang.com/v1alpha1\nkind: EgressRouteList\nitems:\n"
    for route in 0..<routes {
      text += """
        - metadata: {name: route-\(route)}
          spec:
            hostnames: [route-\(route).intra.aibang.local]
            backendRefs: [{namespace: proxy, name: route-\(route), port: 3128}]
            listenerPort: \(10_000 + route)
            domainNames: [host-\(route).example.com]

        """
    }
    return text
  }

  private func policyList(_ numbers: Range<Int>) -> String {
    var text = "apiVersion: egress.aibang.com/v1alpha1\nkind: EgressPolicyList\nitems:\n"
    for namespace in numbers {
      text += """
        - metadata: {name: team-\(namespace)}
          spec:
            subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: team-\(namespace)}}}
            egress:
            - {name: other, action: Allow, routeRefs: [{name: route-\(namespace % routes)}],
               backendRefs: [{namespace: proxy, name: other-\(namespace % routes), port: 3128}]}
            - {name: own, action: Allow, routeRefs: [\(routeReferences(of: namespace))]}

        """
    }
    return text
  }

  /// The routes that a namespace's policy allows, besides the one with another proxy.
  private func routeReferences(of namespace: Int) -> String {
    let chosen: [Int]
    switch shape {
    // Steps of a size of its own keep the sets of any two namespaces apart.
    case .distinct: chosen = (1...10).map { (namespace + $0 * (7 + namespace % 11)) % routes }
    case .every: chosen = Array(0..<routes)
    }
    var seen: Set<Int> = [namespace % routes]
    return chosen.filter { seen.insert($0).inserted }.map { "{name: route-\($0)}" }.joined(separator: ", ")
  }

  private var inventory: String {
    var text = ""
    for route in 0..<routes {
      for (name, network) in [("route", 96), ("other", 97)] {
        text += """
          ---
          {apiVersion: v1, kind: Service, metadata: {namespace: proxy, name: \(name)-\(route)},
           spec: {clusterIP: \(address(10, network, route)), ports: [{port: 3128, targetPort: \(10_000 + route)}]}}

          """
      }
    }
    for namespace in 0..<namespaces {
      text += "---\n{apiVersion: v1, kind: Namespace, metadata: {name: team-\(namespace)}}\n"
    }
    for pod in 0..<pods {
      text += """
        ---
        {apiVersion: v1, kind: Pod, metadata: {namespace: team-\(pod % namespaces), name: pod-\(pod)},
         spec: {serviceAccountName: default}, status: {phase: Running, podIP: \(address(10, 128, pod))}}

        """
    }
    return text
  }

  /// The address number `index` of a network of sixteen bits.
  private func address(_ first: Int, _ second: Int, _ index: Int) -> String {
    "\(first).\(second).\(index / 256).\(index % 256)"
  }
}
