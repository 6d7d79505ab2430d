public import KubernetesAPI
public import Steering

/// What came of a load of the policy.
public struct LoadOutcome: Sendable {
  /// What became of each object of the cluster.
  public var statuses: [ObjectStatus]
  /// The objects that were loaded.
  public var objects: [CustomObject]
  /// The generation that serves now.
  public var generation: Generation
  /// Whether that is the one which was made of the load.
  public var isPublished: Bool

  /// What came of a first load, which cannot be served.
  public init(_ refused: Publisher.Refused, of cluster: ClusterInputs) {
    statuses = refused.statuses
    objects = cluster.objects ?? []
    generation = Generation(digest: "", serial: 0)
    isPublished = false
  }

  /// What came of loading `cluster` besides the files.
  init(_ loaded: SnapshotLoader.Result, of cluster: ClusterInputs, generation: Generation, isPublished: Bool) {
    statuses = loaded.statuses
    objects = cluster.objects ?? []
    self.generation = generation
    self.isPublished = isPublished
  }
}
