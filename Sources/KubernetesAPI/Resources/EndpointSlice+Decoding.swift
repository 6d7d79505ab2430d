extension WireEndpointSliceList: WireList {}

extension WireEndpointSlice: WireObject {
  var object: EndpointSlice {
    EndpointSlice(
      namespace: metadata.namespace, name: metadata.name, uid: metadata.uid,
      service: metadata.labels[EndpointSlice.serviceLabel], addressType: addressType,
      endpoints: endpoints.map { endpoint in
        EndpointSlice.Endpoint(
          addresses: endpoint.addresses,
          isReady: endpoint.conditions.hasReady ? endpoint.conditions.ready : true,
          isTerminating: endpoint.conditions.terminating)
      })
  }
}

struct JSONEndpointSlice: JSONObject {
  struct Conditions: Decodable {
    var ready: Bool?
    var terminating: Bool?
  }

  struct Endpoint: Decodable {
    var addresses: [String]?
    var conditions: Conditions?
  }

  var metadata: JSONMetadata
  var addressType: String?
  var endpoints: [Endpoint]?

  var object: EndpointSlice {
    EndpointSlice(
      namespace: metadata.namespace ?? "", name: metadata.name ?? "", uid: metadata.uid ?? "",
      service: metadata.labels?[EndpointSlice.serviceLabel], addressType: addressType ?? "",
      endpoints: (endpoints ?? []).map { endpoint in
        EndpointSlice.Endpoint(
          addresses: endpoint.addresses ?? [], isReady: endpoint.conditions?.ready ?? true,
          isTerminating: endpoint.conditions?.terminating ?? false)
      })
  }
}

extension EndpointSlice {
  /// The label that says which Service a slice is of.
  fileprivate static let serviceLabel = "kubernetes.io/service-name"
}
