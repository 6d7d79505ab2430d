/// A resource of the API server that is listed and watched; the raw value is its plural name.
public enum ClusterResource: String, CaseIterable, Sendable {
  case pods, services, namespaces, endpointslices
  case steeringzones, egressroutes, egresspolicies, egresstests

  /// The resources that say what the cluster has.
  public static let inventory: [ClusterResource] = [.pods, .services, .namespaces, .endpointslices]
  /// The resources that say what is to be served, which are custom ones.
  public static let policy: [ClusterResource] = [.steeringzones, .egressroutes, .egresspolicies, .egresstests]

  /// The kind of the objects.
  public var kind: String {
    switch self {
    case .pods: "Pod"
    case .services: "Service"
    case .namespaces: "Namespace"
    case .endpointslices: "EndpointSlice"
    case .steeringzones: "SteeringZone"
    case .egressroutes: "EgressRoute"
    case .egresspolicies: "EgressPolicy"
    case .egresstests: "EgressTest"
    }
  }
}
