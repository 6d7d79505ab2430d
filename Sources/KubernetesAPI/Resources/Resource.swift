/// A resource that can be listed and watched.
public struct Resource<Object: Sendable>: Sendable {
  /// The API group; empty for the core.
  public let group: String
  /// The version of the group.
  public let version: String
  /// The plural name, as in paths and RBAC rules.
  public let name: String
  /// Whether a server need not have it: it is custom, and empty where it is not defined.
  let isOptional: Bool
  /// The codec of each media type, the preferred one first.
  let codecs: [(mediaType: String, codec: any ObjectCodec<Object>)]

  /// Its path, in one namespace or in all.
  func path(namespace: String?) -> String {
    let root = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
    return namespace.map { "\(root)/namespaces/\(URLText.encoded($0))/\(name)" } ?? "\(root)/\(name)"
  }
}

extension Resource where Object == Pod {
  /// The pods.
  public static var pods: Self { builtIn(name: "pods", ProtobufCodec<WirePodList>(), JSONCodec<JSONPod>()) }
}

extension Resource where Object == Service {
  /// The Services.
  public static var services: Self {
    builtIn(name: "services", ProtobufCodec<WireServiceList>(), JSONCodec<JSONService>())
  }
}

extension Resource where Object == Namespace {
  /// The namespaces.
  public static var namespaces: Self {
    builtIn(name: "namespaces", ProtobufCodec<WireNamespaceList>(), JSONCodec<JSONNamespace>())
  }
}

extension Resource where Object == EndpointSlice {
  /// The EndpointSlices.
  public static var endpointSlices: Self {
    builtIn(
      group: "discovery.k8s.io", name: "endpointslices", ProtobufCodec<WireEndpointSliceList>(),
      JSONCodec<JSONEndpointSlice>())
  }
}

extension Resource where Object == CustomObject {
  /// A custom resource, such as `egressroutes` of `egress.aibang.com/v1alpha1`.
  public static func custom(group: String, version: String, name: String) -> Self {
    Self(
      group: group, version: version, name: name, isOptional: true, codecs: [(MediaType.json, CustomCodec())])
  }
}

extension Resource {
  private static func builtIn(
    group: String = "", name: String, _ protobuf: some ObjectCodec<Object>, _ json: some ObjectCodec<Object>
  ) -> Self {
    Self(
      group: group, version: "v1", name: name, isOptional: false,
      codecs: [(MediaType.protobuf, protobuf), (MediaType.json, json)])
  }
}

/// The media types of the API server.
enum MediaType {
  static let protobuf = "application/vnd.kubernetes.protobuf"
  static let json = "application/json"
}
