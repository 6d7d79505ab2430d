/// What is kept of a running server for another start.
public struct ServedState: StateSource {
  private let publisher: Publisher
  private let livePods: LivePods?
  private let freshness: Freshness

  /// The state that `publisher` serves, and the pods of the cluster, as fresh as they are.
  public init(_ publisher: Publisher, livePods: LivePods?, freshness: Freshness) {
    self.publisher = publisher
    self.livePods = livePods
    self.freshness = freshness
  }

  /// What was accepted last, as old as what was heard of least lately.
  public func acceptedInputs() async -> (inputs: AcceptedInputs, age: Double)? {
    guard let accepted = await publisher.accepted else { return nil }
    return (accepted, freshness.states.filter { $0.resource != .pods }.compactMap(\.age).max() ?? 0)
  }

  /// The pods; nil if they are not known completely.
  public func pods() async -> KnownPods? { await livePods?.known }
}
