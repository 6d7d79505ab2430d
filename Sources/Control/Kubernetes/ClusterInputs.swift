public import KubernetesAPI
public import SteeringPolicy

/// What a cluster has besides its pods, as it is compiled.
public struct ClusterInputs: Equatable, Sendable {
  /// Services and namespaces; nil if they are not taken from the cluster.
  public var inventory: ClusterInventory?
  /// The objects of the policy; nil if it is not taken from the cluster.
  public var objects: [CustomObject]?

  /// Inputs of these parts.
  public init(inventory: ClusterInventory? = nil, objects: [CustomObject]? = nil) {
    self.inventory = inventory
    self.objects = objects
  }

  /// Whether a policy that names `services` is the same with `other`: nobody else's Services count.
  func isSame(as other: ClusterInputs, for services: Set<NamespacedName>) -> Bool {
    isSamePolicy(as: other) && inventory?.namespaces == other.inventory?.namespaces
      && services.allSatisfy { service in
        inventory?.services[service] == other.inventory?.services[service]
          && inventory?.endpoints[service] == other.inventory?.endpoints[service]
      }
  }

  /// Whether the objects are the same: their status may be another, which is written for what was made of them.
  private func isSamePolicy(as other: ClusterInputs) -> Bool {
    guard objects?.count == other.objects?.count else { return false }
    let others = Dictionary((other.objects ?? []).map { ($0.key, $0) }) { first, _ in first }
    return (objects ?? []).allSatisfy { object in others[object.key].map(object.isSameVersion) ?? false }
  }
}
