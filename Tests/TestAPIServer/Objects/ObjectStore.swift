import Synchronization

/// All objects and what happened to them of late, as etcd and the API server's watch cache have it.
///
/// Revisions count the changes of all resources together. Who watches is told under the lock, so that nobody misses a
/// change or hears two of them in another order; a listener therefore only hands over.
final class ObjectStore: Sendable {
  typealias Listener = @Sendable (WatchSignal) -> Void

  /// How many events of a resource are kept for those who come back.
  private static let maximumEvents = 20_000
  /// How many lists are kept for those who have not read all pages.
  private static let maximumSnapshots = 8

  private struct Watcher {
    let resource: APIResource
    let namespace: String?
    let listener: Listener
  }

  private struct State {
    var revision: Int
    /// What happened until here is forgotten, of all resources.
    var forgotten: Int
    /// What happened until here is forgotten, of one resource.
    var forgottenEvents: [APIResource: Int] = [:]
    var objects: [APIResource: [String: StoredObject]] = [:]
    var events: [APIResource: [StoreEvent]] = [:]
    var snapshots: [ListSnapshot] = []
    var watchers: [Int: Watcher] = [:]
    var lastWatcher = 0

    /// Keeps an event and tells it.
    mutating func happened(_ event: StoreEvent, to resource: APIResource) {
      events[resource, default: []].append(event)
      if let kept = events[resource], kept.count > 2 * ObjectStore.maximumEvents {
        forgottenEvents[resource] = kept[kept.count - ObjectStore.maximumEvents - 1].object.revision
        events[resource] = kept.suffix(ObjectStore.maximumEvents)
      }
      for watcher in watchers.values where watcher.resource == resource {
        guard watcher.namespace == nil || watcher.namespace == event.object.namespace else { continue }
        watcher.listener(.event(event))
      }
    }
  }

  private let state: Mutex<State>

  /// An empty store that counts from a revision.
  init(revision: Int) { state = Mutex(State(revision: revision, forgotten: revision)) }

  // MARK: Objects

  /// The revision of the last change.
  var revision: Int { state.withLock { $0.revision } }

  /// The object of a key.
  func object(_ key: String, of resource: APIResource) -> StoredObject? {
    state.withLock { $0.objects[resource]?[key] }
  }

  /// Makes an object, or makes it another; `body` says what of what it was, and what it throws changes nothing.
  @discardableResult
  func put<Failure: Error>(
    _ resource: APIResource, namespace: String, name: String,
    _ body: (StoredObject?) throws(Failure) -> any ObjectForm
  ) throws(Failure) -> StoredObject {
    try state.withLock { state throws(Failure) -> StoredObject in
      let key = StoredObject.key(namespace: namespace, name: name)
      let old = state.objects[resource]?[key]
      let form = try body(old)
      state.revision += 1
      let object = StoredObject(namespace: namespace, name: name, revision: state.revision, form: form)
      state.objects[resource, default: [:]][key] = object
      state.happened(StoreEvent(old == nil ? .added : .modified, object), to: resource)
      return object
    }
  }

  /// Removes an object, and gives what it was; nil if it is not there.
  @discardableResult
  func remove(_ resource: APIResource, namespace: String, name: String) -> StoredObject? {
    state.withLock { state in
      guard let old = state.objects[resource]?.removeValue(forKey: StoredObject.key(namespace: namespace, name: name))
      else { return nil }
      state.revision += 1
      let last = StoredObject(namespace: namespace, name: name, revision: state.revision, form: old.form)
      state.happened(StoreEvent(.deleted, last), to: resource)
      return last
    }
  }

  // MARK: Lists

  /// The objects as they are now, or as they were when the first page of a list was read; nil if that is forgotten.
  func list(_ resource: APIResource, namespace: String?, at revision: Int? = nil) -> ListSnapshot? {
    state.withLock { state in
      let kept = state.snapshots.first {
        $0.resource == resource && $0.namespace == namespace && $0.revision == revision ?? state.revision
      }
      if let kept { return kept }
      guard revision == nil else { return nil }
      let snapshot = ListSnapshot(
        resource: resource, namespace: namespace, revision: state.revision, of: state.objects[resource] ?? [:])
      state.snapshots = state.snapshots.suffix(Self.maximumSnapshots - 1) + [snapshot]
      return snapshot
    }
  }

  // MARK: Watches

  /// Where a watch begins.
  enum Beginning {
    /// With all objects, told as if they were new; whether a bookmark says where they end.
    case allObjects(endsWithBookmark: Bool)
    /// With what happened after a revision.
    case after(Int)
  }

  /// What one who begins to watch is told before all that his listener hears.
  struct Subscription {
    let number: Int
    let events: [StoreEvent]
    let revision: Int
  }

  /// Tells `listener` all that happens to a resource from now on; nil if what happened before is forgotten.
  func watch(
    _ resource: APIResource, namespace: String?, from beginning: Beginning, _ listener: @escaping Listener
  ) -> Subscription? {
    state.withLock { state in
      let events: [StoreEvent]
      switch beginning {
      case .allObjects:
        events = ListSnapshot(
          resource: resource, namespace: namespace, revision: state.revision, of: state.objects[resource] ?? [:]
        ).objects.map { StoreEvent(.added, $0) }
      case .after(let revision):
        guard revision >= max(state.forgotten, state.forgottenEvents[resource] ?? 0) else { return nil }
        let all = state.events[resource] ?? []
        events = all[all.partitioningIndex { $0.object.revision > revision }...]
          .filter { namespace == nil || $0.object.namespace == namespace }
      }
      state.lastWatcher += 1
      state.watchers[state.lastWatcher] = Watcher(resource: resource, namespace: namespace, listener: listener)
      return Subscription(number: state.lastWatcher, events: events, revision: state.revision)
    }
  }

  /// Ends a watch.
  func endWatch(_ number: Int) { state.withLock { _ = $0.watchers.removeValue(forKey: number) } }

  /// How many watch a resource.
  func countWatchers(of resource: APIResource) -> Int {
    state.withLock { $0.watchers.values.count { $0.resource == resource } }
  }

  /// Tells one who watches that he knows all until now.
  func bookmark(_ number: Int) {
    state.withLock { $0.watchers[number]?.listener(.bookmark(revision: $0.revision)) }
  }

  /// Tells all who watch a resource that they know all until now.
  func bookmark(_ resource: APIResource) {
    state.withLock { state in
      for watcher in state.watchers.values where watcher.resource == resource {
        watcher.listener(.bookmark(revision: state.revision))
      }
    }
  }

  /// Forgets all that was before now: who resumes or reads on in a list has to begin anew.
  ///
  /// - Parameter endsWatches: Whether those who watch are told so, and their watches end.
  func forgetPast(endsWatches: Bool) {
    state.withLock { state in
      // A revision that nothing has, so that even one who knows all until now is behind.
      state.revision += 1
      state.forgotten = state.revision
      state.events = [:]
      state.snapshots = []
      guard endsWatches else { return }
      for watcher in state.watchers.values { watcher.listener(.expired) }
    }
  }
}
