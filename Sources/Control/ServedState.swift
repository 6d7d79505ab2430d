/// What is kept of a running server for another start.
public struct ServedState: StateSource {
  private let publisher: Publisher
  private let livePods: LivePods?

  /// The state that `publisher` serves, and the pods of the cluster.
  public init(_ publisher: Publisher, livePods: LivePods?) {
    self.publisher = publisher
    self.livePods = livePods
  }

  /// What was accepted last.
  public func acceptedInputs() async -> AcceptedInputs? { await publisher.accepted }

  /// The pods; nil if they are not known completely.
  public func pods() async -> KnownPods? { await livePods?.known }
}
