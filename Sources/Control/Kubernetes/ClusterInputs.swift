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
}
