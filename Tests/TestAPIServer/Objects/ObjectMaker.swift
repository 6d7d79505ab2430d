import Foundation

/// Makes of what a client sends what the API server keeps: with uid, time and generation.
struct ObjectMaker {
  let resource: APIResource
  let namespace: String
  /// Seconds since 1970.
  let now: Int64

  /// The name that an object says it has, or one that begins as it says.
  func name(of object: JSON) throws(StatusError) -> String {
    if let name = object[path: "metadata", "name"]?.text, !name.isEmpty { return name }
    guard let beginning = object[path: "metadata", "generateName"]?.text, !beginning.isEmpty else {
      throw .invalid(resource, "", "metadata.name: Required value: name or generateName is required")
    }
    return beginning + String(UInt32.random(in: 0...0x3FFF_FFFF) | 0x4000_0000, radix: 32).prefix(5)
  }

  /// A new object.
  func new(_ object: JSON, name: String) -> JSON {
    let given = object["metadata"] ?? [:]
    var metadata: JSON = ["name": .string(name)]
    metadata["generateName"] = given["generateName"]
    if !namespace.isEmpty { metadata["namespace"] = .string(namespace) }
    metadata["uid"] = given["uid"] ?? .string(UUID().uuidString.lowercased())
    // Here, so that it stands where the API server has it.
    metadata["resourceVersion"] = ""
    if resource.countsGenerations { metadata["generation"] = 1 }
    metadata["creationTimestamp"] = given["creationTimestamp"] ?? .string(ServerClock.text(now))
    for member in given.members where metadata[member.name] == nil { metadata[member.name] = member.value }
    var result: JSON = ["kind": .string(resource.kind), "apiVersion": .string(resource.apiVersion)]
    result["metadata"] = metadata
    // What a client says of the status of a new custom object is dropped: there is a subresource for that.
    for member in object.members where result[member.name] == nil && !(resource.isCustom && member.name == "status") {
      result[member.name] = member.value
    }
    // The API server sorts what it knows no Go type of.
    return resource.isCustom ? result.sorted : result
  }

  /// An object as it is after a change: what only the server says of it stays.
  func changed(_ old: JSON, to new: JSON) -> JSON {
    var result = new
    var metadata = new["metadata"] ?? [:]
    for name in ["name", "namespace", "uid", "generation", "creationTimestamp"] {
      metadata[name] = old[path: "metadata", name]
    }
    if resource.countsGenerations, old["spec"] != new["spec"] {
      metadata["generation"] = .number(String((old[path: "metadata", "generation"]?.integer ?? 0) + 1))
    }
    result["metadata"] = metadata
    result["kind"] = .string(resource.kind)
    result["apiVersion"] = .string(resource.apiVersion)
    return resource.isCustom ? result.sorted : result
  }
}

extension APIResource {
  /// Whether its objects have a `generation`.
  var countsGenerations: Bool { isCustom || self == .pods || self == .endpointSlices }
}
