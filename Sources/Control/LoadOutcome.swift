public import KubernetesAPI
public import Steering

/// What came of a load of the policy.
public struct LoadOutcome: Sendable {
  /// What became of each object of the cluster.
  public var statuses: [ObjectStatus]
  /// The objects that were loaded.
  public var objects: [CustomObject]
  /// What serves of the files and of each object; nil if nothing comes from a cluster.
  public var accepted: AcceptedInputs?
  /// The generation that serves now.
  public var generation: Generation
  /// Whether that is the one which was made of the load.
  public var isPublished: Bool

  /// What came of loading `cluster` besides the files.
  init(_ loaded: SnapshotLoader.Result, of cluster: ClusterInputs, generation: Generation, isPublished: Bool) {
    statuses = loaded.statuses
    objects = cluster.objects ?? []
    accepted = loaded.accepted
    self.generation = generation
    self.isPublished = isPublished
  }
}
