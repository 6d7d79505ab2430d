import Synchronization

/// Answers requests from the store: what the API server does between HTTP and etcd.
final class Responder: Sendable {
  let store: ObjectStore
  let settings: Mutex<ServerSettings>

  init(_ settings: ServerSettings, revision: Int) {
    store = ObjectStore(revision: revision)
    self.settings = Mutex(settings)
  }

  /// The time of the server's clock, in seconds since 1970.
  var now: Int64 { settings.withLock { ServerClock.now + $0.clockSkew } }

  /// The answer to a request.
  func answer(_ request: Request) -> Answer {
    let settings = settings.withLock { $0 }
    let call = APICall(request)
    do throws(StatusError) {
      try settings.access.check(request, call)
      guard let call, !settings.absent.contains(call.resource) else { return .nothingThere }
      switch call.verb {
      case .list: return try list(call, request)
      case .watch: return Answer(status: 200, body: .watch(try watch(call, request, settings)))
      case .get: return .json(try get(call).json, for: request)
      case .create, .update, .patch, .delete: return try write(call, request)
      }
    } catch {
      return error.answer(to: request)
    }
  }

  private func get(_ call: APICall) throws(StatusError) -> StoredObject {
    let name = call.name ?? ""
    let key = StoredObject.key(namespace: call.namespace ?? "", name: name)
    guard let object = store.object(key, of: call.resource) else { throw .notFound(call.resource, name) }
    return object
  }

  // MARK: Lists

  private func list(_ call: APICall, _ request: Request) throws(StatusError) -> Answer {
    try refuseSelectors(request)
    let token = try request.query["continue"].flatMap { $0.isEmpty ? nil : $0 }
      .map { text throws(StatusError) in try ContinueToken(text) }
    guard let list = store.list(call.resource, namespace: call.namespace, at: token?.revision) else {
      throw .expired(
        """
        The provided continue parameter is too old to display a consistent list result. You can start a new list \
        without the continue parameter, or use the continue token in this response to retrieve the remainder of the \
        results. Continuing with the provided token results in an inconsistent list - objects that were created, \
        modified, or deleted between the time the first chunk was returned and now may show up in the list.
        """,
        continuation: token.map { ContinueToken(revision: store.revision, start: $0.start).text })
    }
    let limit = request.query["limit"].flatMap(Int.init) ?? 0
    let page = ListPage(list, after: token?.start, limit: limit)
    switch try ContentEncoding(accept: request.header("accept"), resource: call.resource) {
    case .protobuf:
      return Answer(status: 200, headers: [("content-type", MediaType.protobuf)], body: .whole(page.protobuf))
    case .json: return .json(page.json, for: request)
    }
  }

  // MARK: Watches

  private func watch(_ call: APICall, _ request: Request, _ settings: ServerSettings) throws(StatusError) -> WatchPlan
  {
    try refuseSelectors(request)
    let wantsBookmarks = ["true", "1"].contains(request.query["allowWatchBookmarks"])
    let revision = request.query["resourceVersion"] ?? ""
    return WatchPlan(
      resource: call.resource, namespace: call.namespace,
      beginning: try beginning(request, revision: revision, settings), wantsBookmarks: wantsBookmarks,
      seconds: request.query["timeoutSeconds"].flatMap(Int.init),
      encoding: WatchEncoding(try ContentEncoding(accept: request.header("accept"), resource: call.resource)))
  }

  private func beginning(
    _ request: Request, revision: String, _ settings: ServerSettings
  ) throws(StatusError) -> ObjectStore.Beginning {
    if ["true", "1"].contains(request.query["sendInitialEvents"]) {
      guard settings.supportsWatchList else {
        throw .invalid(
          "ListOptions", group: "meta.k8s.io",
          "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is "
            + "enabled")
      }
      guard request.query["resourceVersionMatch"] == "NotOlderThan" else {
        throw .badRequest("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
      }
      return .allObjects(endsWithBookmark: true)
    }
    guard revision != "", revision != "0" else { return .allObjects(endsWithBookmark: false) }
    guard let number = Int(revision) else {
      throw .badRequest("resourceVersion: Invalid value: \"\(revision)\": strconv.ParseUint: invalid syntax")
    }
    return .after(number)
  }

  /// A selector that is not looked at would give wrong answers.
  private func refuseSelectors(_ request: Request) throws(StatusError) {
    for name in ["labelSelector", "fieldSelector"] where request.query[name]?.isEmpty == false {
      throw .badRequest("the test server reads no \(name)")
    }
  }
}
