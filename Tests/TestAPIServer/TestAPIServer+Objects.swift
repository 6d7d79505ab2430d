extension TestAPIServer {
  /// Why an object cannot be kept.
  public enum ObjectError: Error {
    /// The server knows no such kind.
    case kindIsUnknown
    /// It has no name.
    case nameIsMissing
  }

  /// Makes an object, or makes it another; `uid`, `creationTimestamp` and `status` stay as they are unless it has them.
  public func apply(_ object: JSON) throws(ObjectError) {
    guard let resource = APIResource.of(object) else { throw .kindIsUnknown }
    guard let name = object[path: "metadata", "name"]?.text else { throw .nameIsMissing }
    let namespace = resource.isNamespaced ? object[path: "metadata", "namespace"]?.text ?? "default" : ""
    responder.put(object, of: resource, namespace: namespace, name: name)
  }

  /// Removes an object, if it is there.
  public func delete(_ resource: APIResource, namespace: String = "", name: String) {
    responder.store.remove(resource, namespace: namespace, name: name)
  }

  /// An object as it is now.
  public func object(_ resource: APIResource, namespace: String = "", name: String) -> JSON? {
    responder.store.object(StoredObject.key(namespace: namespace, name: name), of: resource)?.json
  }

  /// All objects of a resource.
  public func objects(_ resource: APIResource) -> [JSON] {
    responder.store.list(resource, namespace: nil)?.objects.map(\.json) ?? []
  }

  /// The revision of the last change.
  public var revision: Int { responder.store.revision }
}

extension Responder {
  /// Keeps an object as a controller or kubectl would have made it.
  func put(_ object: JSON, of resource: APIResource, namespace: String, name: String) {
    let maker = ObjectMaker(resource: resource, namespace: namespace, now: now)
    store.put(resource, namespace: namespace, name: name) { old in
      let new = maker.new(object, name: name)
      guard let old,
        object[path: "metadata", "uid"] == nil || object[path: "metadata", "uid"] == old.json[path: "metadata", "uid"]
      else { return new.merged(with: object["status"].map { ["status": $0] } ?? [:]) }
      var changed = new
      changed["status"] = object["status"] ?? old.json["status"]
      return maker.changed(old.json, to: changed)
    }
  }
}
