/// What a request wants to do, in the words of RBAC.
public enum APIVerb: String, Sendable, Hashable {
  /// Read one object.
  case get
  /// Read all objects.
  case list
  /// Hear what happens to objects.
  case watch
  /// Make an object.
  case create
  /// Write an object whole.
  case update
  /// Change an object.
  case patch
  /// Remove an object.
  case delete
}

/// A request as the API understands it.
struct APICall: Sendable {
  let verb: APIVerb
  let resource: APIResource
  /// The namespace; nil for all, or for a resource that is in none.
  let namespace: String?
  /// The name; nil where the resource itself is meant.
  let name: String?
  /// Whether `/status` is meant, not the object.
  let isStatus: Bool

  /// The call of a request; nil if there is nothing at that path.
  init?(_ request: Request) {
    var path = request.path[...]
    let group: String
    switch path.popFirst() {
    case "api": group = ""
    case "apis":
      guard let name = path.popFirst() else { return nil }
      group = name
    default: return nil
    }
    guard let version = path.popFirst() else { return nil }
    // `namespaces/team-a` is an object, `namespaces/team-a/pods` is what is in it.
    var namespace: String?
    if path.count > 2, path.first == "namespaces" {
      namespace = path.dropFirst().first
      path = path.dropFirst(2)
    }
    guard let plural = path.popFirst(),
      let resource = APIResource.all.first(where: { ($0.group, $0.version, $0.plural) == (group, version, plural) })
    else { return nil }
    self.resource = resource
    self.namespace = namespace
    name = path.popFirst()
    isStatus = path.first == "status"
    guard path.count == (isStatus ? 1 : 0), resource.isNamespaced || namespace == nil else { return nil }
    switch request.method {
    case "GET" where name != nil: verb = .get
    case "GET": verb = ["true", "1"].contains(request.query["watch"]) ? .watch : .list
    case "POST" where name == nil: verb = .create
    case "PUT" where name != nil: verb = .update
    case "PATCH" where name != nil: verb = .patch
    case "DELETE" where name != nil: verb = .delete
    default: return nil
    }
  }
}
