/// What happened to an object, as a watch tells it.
struct StoreEvent: Sendable {
  /// How it changed; the names are those of the wire.
  enum Kind: String {
    case added = "ADDED"
    case modified = "MODIFIED"
    case deleted = "DELETED"
  }

  let kind: Kind
  let object: StoredObject

  /// The event as one sees it who had all of what was before `object`'s revision.
  init(_ kind: Kind, _ object: StoredObject) {
    self.kind = kind
    self.object = object
  }
}

/// What the store says to one who watches.
enum WatchSignal: Sendable {
  /// Something happened to an object.
  case event(StoreEvent)
  /// Everything up to a revision was told.
  case bookmark(revision: Int)
  /// The watch ends with the event ERROR: the server forgot what was.
  case expired
}
