/// How the events of a watch are written: a line of JSON each, or protobuf behind its length.
struct WatchEncoding: Sendable {
  let content: ContentEncoding

  init(_ content: ContentEncoding) { self.content = content }

  var mediaType: String {
    switch content {
    case .json: MediaType.json
    case .protobuf: MediaType.protobuf + ";stream=watch"
    }
  }

  /// What happened to an object.
  func event(_ event: StoreEvent, of resource: APIResource) -> [UInt8] {
    switch content {
    case .json: return line(event.kind.rawValue, event.object.form.compactJSON(revision: event.object.revision))
    case .protobuf:
      let object = event.object.form.protobuf(revision: event.object.revision, of: resource)
      return frame(event.kind.rawValue, object, apiVersion: resource.apiVersion, kind: resource.kind)
    }
  }

  /// That all until a revision is told.
  func bookmark(_ revision: Int, endsInitialEvents: Bool, of resource: APIResource) -> [UInt8] {
    var metadata: JSON = ["resourceVersion": .string(String(revision))]
    if endsInitialEvents { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
    var object: JSON = [
      "kind": .string(resource.kind), "apiVersion": .string(resource.apiVersion), "metadata": metadata,
    ]
    for member in resource.emptyMembers { object[member.name] = member.value }
    switch content {
    case .json: return line("BOOKMARK", object.compact)
    case .protobuf:
      let octets = object.protobuf(revision: revision, of: resource)
      return frame("BOOKMARK", octets, apiVersion: resource.apiVersion, kind: resource.kind)
    }
  }

  /// Why the watch ends.
  func error(_ error: StatusError) -> [UInt8] {
    switch content {
    case .json: return line("ERROR", error.status.compact)
    case .protobuf:
      return frame("ERROR", ProtobufMessage.status.encode(error.status), apiVersion: "v1", kind: "Status")
    }
  }

  private func line(_ type: String, _ object: [UInt8]) -> [UInt8] {
    Array(#"{"type":"\#(type)","object":"#.utf8) + object + Array("}\n".utf8)
  }

  private func frame(_ type: String, _ object: [UInt8], apiVersion: String, kind: String) -> [UInt8] {
    let envelope = ProtobufEnvelope.wrap(object, apiVersion: apiVersion, kind: kind)
    var extension_ = ProtobufWriter()
    extension_.write(1, octets: envelope)
    var event = ProtobufWriter()
    event.write(1, string: type)
    event.write(2, octets: extension_.octets)
    let count = UInt32(truncatingIfNeeded: event.octets.count)
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + event.octets
  }
}

extension APIResource {
  /// The members that an object of nothing has beside its metadata.
  fileprivate var emptyMembers: [JSON.Member] {
    switch self {
    case .pods: [.init("spec", ["containers": .null]), .init("status", [:])]
    case .services: [.init("spec", [:]), .init("status", ["loadBalancer": [:]])]
    case .namespaces: [.init("spec", [:]), .init("status", [:])]
    case .endpointSlices: [.init("addressType", ""), .init("endpoints", .null), .init("ports", .null)]
    default: []
    }
  }
}
