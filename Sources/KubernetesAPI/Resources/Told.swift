/// An object as the API server told it: which one, in which version.
struct Told<Object: Sendable>: Sendable {
  /// `NAMESPACE/NAME`: which object of its resource at a time.
  var name: String
  /// Its resourceVersion.
  var version: String
  /// The object, as far as it is read.
  var object: Object
}

/// A page of a list.
struct Page<Object: Sendable>: Sendable {
  /// Its objects.
  var objects: [Told<Object>]
  /// The version of the whole list.
  var version: String
  /// What the next page is asked by; nil on the last one.
  var continuation: String?
}

/// An event of a watch.
enum WatchEvent<Object: Sendable>: Sendable {
  /// The object was added, or is another than before.
  case applied(Told<Object>)
  /// The object is gone.
  case deleted(Told<Object>)
  /// Everything until a version is told; with it the initial events may end.
  case bookmark(version: String, endsInitialEvents: Bool)
  /// The watch ends by a fault.
  case failed(Refusal)

  /// The annotation of the bookmark that ends the initial events.
  static var initialEventsEnd: String { "k8s.io/initial-events-end" }
}
