/// A part that serves from the snapshot and takes a new one.
///
/// A generation is published in three steps, each for every sink before the next: what it needs is made ready, it is
/// served from, and what only the generation before needed goes.
public protocol SnapshotSink: Sendable {
  /// Makes ready what serving from `snapshot` needs, beside what serves now; or throws, and `snapshot` is not published.
  ///
  /// It throws `UnservableRoutes` if it could do so without some of the routes.
  func prepare(_ snapshot: Snapshot) async throws
  /// Serves from `snapshot` from now on, or throws and goes on with the one before.
  func publish(_ snapshot: Snapshot) async throws
  /// Every sink serves from `snapshot`: lets go of what only the one before needed.
  func settle(_ snapshot: Snapshot) async
}

extension SnapshotSink {
  /// Nothing has to be ready.
  public func prepare(_ snapshot: Snapshot) async throws {}
  /// Nothing was kept.
  public func settle(_ snapshot: Snapshot) async {}
}

/// Routes that cannot be served, while the others could.
public struct UnservableRoutes: Error, CustomStringConvertible {
  /// Why, by the route's name.
  public let reasons: [String: String]

  /// Routes that cannot be served for these reasons.
  public init(_ reasons: [String: String]) {
    self.reasons = reasons
  }

  /// The reasons, each once.
  public var description: String { Set(reasons.values).sorted().joined(separator: "; ") }
}
