import DNSWire
import KubernetesAPI
import SteeringPolicy

/// What the API server told of everything but the pods, which are told too often to be compiled.
struct ClusterState: Sendable {
  private var services = ObjectTable<NamespacedName, ClusterInventory.Service>()
  private var namespaces = ObjectTable<String, [String: String]>()
  private var slices = ObjectTable<NamespacedName, ReadyEndpoints>()
  private var objects: [String: ObjectTable<CustomObject.Key, Version>] = [:]
  private let readsPolicy: Bool
  private let readsInventory: Bool

  /// A custom object, another one when its specification is: its status is written for what was made of that.
  private struct Version: Equatable, Sendable {
    var object: CustomObject

    static func == (left: Version, right: Version) -> Bool {
      left.object.uid == right.object.uid && left.object.generation == right.object.generation
    }
  }

  /// A state of which nothing is known yet.
  init(readsPolicy: Bool, readsInventory: Bool) {
    self.readsPolicy = readsPolicy
    self.readsInventory = readsInventory
  }

  /// Takes what was told of Services; says whether anything is another.
  mutating func apply(_ changes: [Change<Service>]) -> Bool {
    services.apply(changes) {
      (NamespacedName(namespace: $0.namespace, name: $0.name), $0.uid, ClusterInventory.Service($0))
    }
  }

  /// Takes what was told of namespaces; says whether anything is another.
  mutating func apply(_ changes: [Change<Namespace>]) -> Bool {
    namespaces.apply(changes) { ($0.name, $0.uid, $0.labels) }
  }

  /// Takes what was told of the endpoints of Services; says whether any of a headless one are others.
  ///
  /// Of the rest they change all the time, and nobody is told them. They are kept, for such a Service may yet become
  /// headless, which is a change of its own.
  mutating func apply(_ changes: [Change<EndpointSlice>]) -> Bool {
    let services = services
    return slices.apply(changes, counting: { $0.service.flatMap { services[$0] }?.isHeadless == true }) {
      (NamespacedName(namespace: $0.namespace, name: $0.name), $0.uid, ReadyEndpoints($0))
    }
  }

  /// Takes what was told of the custom objects of a kind; says whether anything is another.
  mutating func apply(_ changes: [Change<CustomObject>], of kind: String) -> Bool {
    objects[kind, default: .init()].apply(changes) { ($0.key, $0.uid, Version(object: $0)) }
  }

  /// How many objects of a resource are known.
  func count(of resource: ClusterResource) -> Int {
    switch resource {
    case .services: services.count
    case .namespaces: namespaces.count
    case .endpointslices: slices.count
    default: objects[resource.kind]?.count ?? 0
    }
  }

  /// The objects of the policy; nil if they are not read.
  var policyObjects: [CustomObject]? {
    readsPolicy ? objects.values.flatMap { $0.values.map(\.value.object) } : nil
  }

  /// The Services, with the endpoints of the headless ones, and the namespaces; nil if they are not read.
  var inventory: ClusterInventory? {
    guard readsInventory else { return nil }
    let services = Dictionary(uniqueKeysWithValues: services.values.map { ($0.key, $0.value) })
    var endpoints: [NamespacedName: Set<IPAddress>] = [:]
    for (_, slice) in slices.values {
      guard let service = slice.service, services[service]?.isHeadless == true else { continue }
      endpoints[service, default: []].formUnion(slice.addresses)
    }
    return ClusterInventory(
      namespaces: Dictionary(uniqueKeysWithValues: namespaces.values.map { ($0.key, $0.value) }),
      services: services, endpoints: endpoints.mapValues { $0.sorted() })
  }
}
