public import KubernetesAPI
import SteeringPolicy

/// Lists and watches what is read of a cluster, and tells the publisher what changed.
public actor ClusterWatch {
  /// How long changes are gathered before they are compiled: a roll-out is many of them.
  private static let gathering = Duration.milliseconds(100)
  /// The group and version of the policy's objects.
  private static let (group, version) = ("egress.aibang.com", "v1alpha1")

  /// How fresh each resource is.
  public nonisolated let freshness: Freshness
  /// The pods; nil if the inventory is not read.
  public nonisolated let pods: LivePods?
  /// The resources that are read.
  public nonisolated let resources: [ClusterResource]
  private nonisolated let client: KubernetesClient
  private var state: ClusterState
  /// Says that something changed since it was last looked at.
  private nonisolated let changes: AsyncStream<Void>
  private nonisolated let changed: AsyncStream<Void>.Continuation

  /// A watch that reads the policy, the inventory or both once it runs.
  public init(_ client: KubernetesClient, readsPolicy: Bool, readsInventory: Bool) {
    self.client = client
    resources =
      (readsInventory ? ClusterResource.inventory : []) + (readsPolicy ? ClusterResource.policy : [])
    freshness = Freshness(resources)
    pods = readsInventory ? LivePods(freshness: freshness) : nil
    state = ClusterState(readsPolicy: readsPolicy, readsInventory: readsInventory)
    (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// What is known besides the pods.
  public var inputs: ClusterInputs {
    ClusterInputs(inventory: state.inventory, objects: state.policyObjects)
  }

  /// Lists and watches until the task is cancelled.
  public nonisolated func run() async {
    await withTaskGroup { group in
      for resource in resources { group.addTask { await self.reflect(resource) } }
    }
  }

  private nonisolated func reflect(_ resource: ClusterResource) async {
    switch resource {
    case .pods: await Reflector(client, .pods).run { [pods] in await pods?.apply($0) }
    case .services: await Reflector(client, .services).run { await self.apply($0) }
    case .namespaces: await Reflector(client, .namespaces).run { await self.apply($0) }
    case .endpointslices: await Reflector(client, .endpointSlices).run { await self.apply($0) }
    case .steeringzones, .egressroutes, .egresspolicies, .egresstests:
      let custom = Resource.custom(group: Self.group, version: Self.version, name: resource.rawValue)
      await Reflector(client, custom).run { await self.apply($0, of: resource) }
    }
  }

  private func apply(_ new: [Change<Service>]) {
    note(new, of: .services, isChanged: state.apply(new))
  }

  private func apply(_ new: [Change<Namespace>]) {
    note(new, of: .namespaces, isChanged: state.apply(new))
  }

  private func apply(_ new: [Change<EndpointSlice>]) {
    note(new, of: .endpointslices, isChanged: state.apply(new))
  }

  private func apply(_ new: [Change<CustomObject>], of resource: ClusterResource) {
    note(new, of: resource, isChanged: state.apply(new, of: resource.kind))
  }

  private func note<Object>(_ new: [Change<Object>], of resource: ClusterResource, isChanged: Bool) {
    freshness.note(new, of: resource, count: state.count(of: resource))
    if isChanged { changed.yield() }
  }

  /// Has `publisher` compile what changes, until the task is cancelled.
  ///
  /// Nothing is told before all of it was told by the server once: half of a policy is another policy.
  public nonisolated func follow(_ publisher: Publisher) async {
    for await _ in changes {
      // Gathers what comes with it. Cancelled, it ends the loop's stream too.
      try? await Task.sleep(for: Self.gathering)
      guard await isComplete else { continue }
      await publisher.replace(cluster: await inputs)
    }
  }

  /// Whether everything but the pods was told completely.
  private var isComplete: Bool {
    freshness.states.allSatisfy { $0.isSynchronized || $0.resource == .pods }
  }
}
