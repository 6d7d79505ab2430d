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
  /// Why it is not the one which was made of the load; nil if it is.
  public var failure: String?

  /// What came of a first load, which cannot be served: of objects without an error nothing is told, for others may serve
  /// them.
  public init(_ refused: Publisher.Refused, of cluster: ClusterInputs) {
    statuses = refused.statuses.filter { !$0.isAccepted }
    objects = cluster.objects ?? []
    generation = Generation(digest: "", serial: 0)
    failure = refused.reason
  }

  /// What came of loading `cluster` besides the files; after a `failure`, what was `accepted` before serves on.
  init(
    _ loaded: SnapshotLoader.Result, of cluster: ClusterInputs, generation: Generation,
    failure: String? = nil, accepted: AcceptedInputs?
  ) {
    statuses = loaded.statuses
    objects = cluster.objects ?? []
    self.generation = generation
    self.failure = failure
    guard let failure else { return }
    let serving = Dictionary((accepted?.objects ?? []).map { ($0.key, $0) }) { first, _ in first }
    for index in statuses.indices {
      statuses[index].isWithoutOthers = false
      // Of what is refused, what was accepted before serves: that has been told.
      guard statuses[index].isAccepted else { continue }
      let served = serving[statuses[index].key].flatMap { $0.uid == statuses[index].uid ? $0 : nil }
      statuses[index].servedGeneration = served?.generation
      statuses[index].notPublished = failure
    }
  }
}
