/// A resource that can be listed and watched.
public struct Resource<Object: Sendable>: Sendable {
  /// The API group; empty for the core.
  public let group: String
  /// The version of the group.
  public let version: String
  /// The plural name, as in paths and RBAC rules.
  public let name: String
}

extension Resource where Object == Pod {
  /// The pods.
  public static var pods: Self { Self(group: "", version: "v1", name: "pods") }
}

extension Resource where Object == Service {
  /// The Services.
  public static var services: Self { Self(group: "", version: "v1", name: "services") }
}

extension Resource where Object == Namespace {
  /// The namespaces.
  public static var namespaces: Self { Self(group: "", version: "v1", name: "namespaces") }
}

extension Resource where Object == EndpointSlice {
  /// The EndpointSlices.
  public static var endpointSlices: Self { Self(group: "discovery.k8s.io", version: "v1", name: "endpointslices") }
}

extension Resource where Object == CustomObject {
  /// A custom resource, such as `egressroutes` of `egress.aibang.com/v1alpha1`.
  public static func custom(group: String, version: String, name: String) -> Self {
    Self(group: group, version: version, name: name)
  }
}
