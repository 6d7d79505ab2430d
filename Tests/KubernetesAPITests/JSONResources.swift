@testable import KubernetesAPI

// The built-in resources as a server without protobuf tells them.

extension Resource where Object == Pod {
  static var jsonPods: Self { Resource.pods.inJSON }
}

extension Resource where Object == Service {
  static var jsonServices: Self { Resource.services.inJSON }
}

extension Resource where Object == Namespace {
  static var jsonNamespaces: Self { Resource.namespaces.inJSON }
}

extension Resource where Object == EndpointSlice {
  static var jsonEndpointSlices: Self { Resource.endpointSlices.inJSON }
}

extension Resource where Object == CustomObject {
  static var egressRoutes: Self {
    custom(group: "egress.aibang.com", version: "v1alpha1", name: "egressroutes")
  }
}

extension Resource {
  fileprivate var inJSON: Self {
    Self(
      group: group, version: version, name: name, isOptional: isOptional,
      codecs: codecs.filter { $0.mediaType == MediaType.json })
  }
}
