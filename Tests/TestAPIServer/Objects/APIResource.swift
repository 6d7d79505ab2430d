/// A resource of the API: the objects of one kind.
public struct APIResource: Hashable, Sendable {
  /// The API group; empty for the core.
  public let group: String
  /// The version of the group.
  public let version: String
  /// The name in paths.
  public let plural: String
  /// The kind of its objects.
  public let kind: String
  /// Whether its objects are in namespaces.
  public let isNamespaced: Bool
  /// Whether a CustomResourceDefinition defines it: it may be absent, and is never sent as protobuf.
  public let isCustom: Bool

  private init(
    group: String = "", version: String = "v1", _ plural: String, _ kind: String, isNamespaced: Bool = true,
    isCustom: Bool = false
  ) {
    self.group = group
    self.version = version
    self.plural = plural
    self.kind = kind
    self.isNamespaced = isNamespaced
    self.isCustom = isCustom
  }

  private static func steer(_ plural: String, _ kind: String) -> APIResource {
    APIResource(
      group: "egress.aibang.com", version: "v1alpha1", plural, kind, isNamespaced: false, isCustom: true)
  }

  /// Pods.
  public static let pods = APIResource("pods", "Pod")
  /// Services.
  public static let services = APIResource("services", "Service")
  /// Namespaces.
  public static let namespaces = APIResource("namespaces", "Namespace", isNamespaced: false)
  /// EndpointSlices.
  public static let endpointSlices = APIResource(group: "discovery.k8s.io", "endpointslices", "EndpointSlice")
  /// Leases.
  public static let leases = APIResource(group: "coordination.k8s.io", "leases", "Lease")
  /// Events of the group events.k8s.io.
  public static let events = APIResource(group: "events.k8s.io", "events", "Event")
  /// Events of the core group.
  public static let coreEvents = APIResource("events", "Event")
  /// SteeringZones.
  public static let steeringZones = steer("steeringzones", "SteeringZone")
  /// EgressRoutes.
  public static let egressRoutes = steer("egressroutes", "EgressRoute")
  /// EgressPolicies.
  public static let egressPolicies = steer("egresspolicies", "EgressPolicy")
  /// EgressTests.
  public static let egressTests = steer("egresstests", "EgressTest")

  /// All that the server knows.
  public static let all = [
    pods, services, namespaces, endpointSlices, leases, events, coreEvents, steeringZones, egressRoutes,
    egressPolicies, egressTests,
  ]

  /// `apiVersion` of its objects.
  public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// The name as it is in messages, such as `leases.coordination.k8s.io`.
  var qualifiedName: String { group.isEmpty ? plural : "\(plural).\(group)" }

  /// The resource of an object.
  static func of(_ object: JSON) -> APIResource? {
    all.first { .string($0.apiVersion) == object["apiVersion"] && .string($0.kind) == object["kind"] }
  }
}
