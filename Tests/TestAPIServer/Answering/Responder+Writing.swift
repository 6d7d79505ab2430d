extension Responder {
  /// Answers a request that changes something.
  func write(_ call: APICall, _ request: Request) throws(StatusError) -> Answer {
    switch call.verb {
    case .create: return .json(try create(call, try body(of: request)).json, status: 201, for: request)
    case .update: return .json(try replace(call, try body(of: request)).json, for: request)
    case .patch: return try patch(call, request)
    case .delete, .get, .list, .watch: return .json(try delete(call), for: request)
    }
  }

  private func body(of request: Request) throws(StatusError) -> JSON {
    guard let body = try? JSON(octets: request.body), !body.members.isEmpty else {
      throw .badRequest("the body of the request is no object in JSON")
    }
    return body
  }

  private func create(_ call: APICall, _ object: JSON) throws(StatusError) -> StoredObject {
    let made = ObjectMaker(resource: call.resource, namespace: call.namespace ?? "", now: now)
    let name = try made.name(of: object)
    return try store.put(call.resource, namespace: made.namespace, name: name) { old throws(StatusError) in
      guard old == nil else { throw .alreadyExists(call.resource, name) }
      return made.new(object, name: name)
    }
  }

  private func replace(_ call: APICall, _ object: JSON) throws(StatusError) -> StoredObject {
    try change(call) { old throws(StatusError) in
      try self.checkRevision(of: object, old, call)
      var new = object
      // Either the object or its status is written, whatever the client sent.
      if call.isStatus {
        new = old.json
        new["status"] = object["status"]
      } else if call.resource.isCustom {
        new["status"] = old.json["status"]
      }
      return new
    }
  }

  private func patch(_ call: APICall, _ request: Request) throws(StatusError) -> Answer {
    let patch = try body(of: request)
    switch request.header("content-type")?.split(separator: ";").first {
    case "application/merge-patch+json":
      let object = try change(call) { old throws(StatusError) in
        try self.checkRevision(of: patch, old, call)
        return old.json.merged(with: Self.part(of: patch, call))
      }
      return .json(object.json, for: request)
    case "application/apply-patch+yaml":
      return try apply(patch, call, request)
    default: throw .unsupportedMediaType
    }
  }

  /// Merges what a field manager says of an object; what it said before and says no more goes.
  private func apply(_ patch: JSON, _ call: APICall, _ request: Request) throws(StatusError) -> Answer {
    guard let manager = request.query["fieldManager"], !manager.isEmpty else {
      throw .badRequest("fieldManager: Required value: is required for apply patch")
    }
    let name = call.name ?? ""
    let made = ObjectMaker(resource: call.resource, namespace: call.namespace ?? "", now: now)
    var isNew = false
    let object = try store.put(call.resource, namespace: made.namespace, name: name) { old throws(StatusError) in
      guard let old else {
        guard !call.isStatus else { throw .notFound(call.resource, name) }
        isNew = true
        return AppliedFields.remember(patch, by: manager, in: made.new(patch, name: name))
      }
      let part = Self.part(of: patch, call)
      let merged = AppliedFields.apply(part, by: manager, to: old.json)
      return made.changed(old.json, to: merged)
    }
    return .json(object.json, status: isNew ? 201 : 200, for: request)
  }

  private func delete(_ call: APICall) throws(StatusError) -> JSON {
    let name = call.name ?? ""
    guard let object = store.remove(call.resource, namespace: call.namespace ?? "", name: name) else {
      throw .notFound(call.resource, name)
    }
    let uid = object.json[path: "metadata", "uid"] ?? ""
    return [
      "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
      "details": ["name": .string(name), "kind": .string(call.resource.plural), "uid": uid],
    ]
  }

  // MARK: What all of them need

  private func change(
    _ call: APICall, _ body: (StoredObject) throws(StatusError) -> JSON
  ) throws(StatusError) -> StoredObject {
    let name = call.name ?? ""
    let made = ObjectMaker(resource: call.resource, namespace: call.namespace ?? "", now: now)
    return try store.put(call.resource, namespace: made.namespace, name: name) { old throws(StatusError) in
      guard let old else { throw .notFound(call.resource, name) }
      return made.changed(old.json, to: try body(old))
    }
  }

  private func checkRevision(of object: JSON, _ old: StoredObject, _ call: APICall) throws(StatusError) {
    guard let revision = object[path: "metadata", "resourceVersion"]?.text, !revision.isEmpty else { return }
    guard revision == String(old.revision) else { throw .conflict(call.resource, old.name) }
  }

  /// What a patch may change: at `/status` nothing else, elsewhere all but that.
  private static func part(of patch: JSON, _ call: APICall) -> JSON {
    if call.isStatus { return .object(patch.members.filter { $0.name == "status" }) }
    guard call.resource.isCustom else { return patch }
    return .object(patch.members.filter { $0.name != "status" })
  }
}
