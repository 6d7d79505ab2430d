/// What became known of the objects of one resource, in the order in which it did.
public enum Change<Object: Sendable>: Sendable {
  /// The objects are told anew, all of them; what was known before stays until `synchronized`.
  case relisting
  /// The object is there, or is another than before.
  case applied(Object)
  /// The object is gone; this is how it was last.
  case deleted(Object)
  /// Everything is told: what was not applied since the last `relisting` is gone.
  case synchronized
  /// The server was heard: everything until now is told.
  case heard
  /// The server cannot be heard, and why, in words for a log.
  case lost(String)
}

extension Change: Equatable where Object: Equatable {}
