/// The messages of `k8s.io/api/core/v1/generated.proto` and `discovery/v1`, as far as objects of the tests have them.
extension ProtobufMessage {
  /// The message of a resource's objects.
  static func of(_ resource: APIResource) -> ProtobufMessage {
    switch resource {
    case .pods: pod
    case .services: service
    case .namespaces: namespace
    case .endpointSlices: endpointSlice
    default: ProtobufMessage(.always(1, "metadata", .message(objectMeta)))
    }
  }

  private static let namespace = ProtobufMessage(
    .always(1, "metadata", .message(objectMeta)),
    .always(2, "spec", .message(ProtobufMessage(.ifSet(1, "finalizers", .list(.string))))),
    .always(3, "status", .message(ProtobufMessage(.always(1, "phase", .string)))))

  // MARK: Services

  private static let servicePort = ProtobufMessage(
    .always(1, "name", .string), .always(2, "protocol", .string), .always(3, "port", .integer),
    .always(4, "targetPort", .integerOrString), .always(5, "nodePort", .integer), .ifSet(6, "appProtocol", .string))

  private static let serviceSpec = ProtobufMessage(
    .ifSet(1, "ports", .list(.message(servicePort))), .ifSet(2, "selector", .map(.string)),
    .always(3, "clusterIP", .string), .always(4, "type", .string), .ifSet(5, "externalIPs", .list(.string)),
    .always(7, "sessionAffinity", .string), .always(8, "loadBalancerIP", .string),
    .always(10, "externalName", .string),
    .always(11, "externalTrafficPolicy", .string), .always(12, "healthCheckNodePort", .integer),
    .always(13, "publishNotReadyAddresses", .flag), .ifSet(17, "ipFamilyPolicy", .string),
    .ifSet(18, "clusterIPs", .list(.string)), .ifSet(19, "ipFamilies", .list(.string)),
    .ifSet(22, "internalTrafficPolicy", .string))

  private static let service = ProtobufMessage(
    .always(1, "metadata", .message(objectMeta)), .always(2, "spec", .message(serviceSpec)),
    .always(3, "status", .message(ProtobufMessage(.always(1, "loadBalancer", .message(ProtobufMessage()))))))

  // MARK: EndpointSlices

  private static let objectReference = ProtobufMessage(
    .always(1, "kind", .string), .always(2, "namespace", .string), .always(3, "name", .string),
    .always(4, "uid", .string), .always(5, "apiVersion", .string), .always(6, "resourceVersion", .string),
    .always(7, "fieldPath", .string))

  private static let endpoint = ProtobufMessage(
    .ifSet(1, "addresses", .list(.string)),
    .always(
      2, "conditions",
      .message(
        ProtobufMessage(.ifSet(1, "ready", .flag), .ifSet(2, "serving", .flag), .ifSet(3, "terminating", .flag)))),
    .ifSet(3, "hostname", .string), .ifSet(4, "targetRef", .message(objectReference)), .ifSet(6, "nodeName", .string),
    .ifSet(7, "zone", .string))

  private static let endpointSlice = ProtobufMessage(
    .always(1, "metadata", .message(objectMeta)), .ifSet(2, "endpoints", .list(.message(endpoint))),
    .ifSet(
      3, "ports",
      .list(
        .message(
          ProtobufMessage(.ifSet(1, "name", .string), .ifSet(2, "protocol", .string), .ifSet(3, "port", .integer))))),
    .always(4, "addressType", .string))
}
