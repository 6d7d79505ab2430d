/// What a client may see of a route.
enum RouteOutcome: Hashable, Sendable {
  /// Answered with a variant; `wouldDeny` if only the Report mode of a policy lets it.
  case allow(variant: UInt32, wouldDeny: Bool)
  /// A rule denies it.
  case blocked
  /// No rule allows it.
  case prohibited
}

/// The views: for each, the routes that are not simply prohibited.
///
/// Namespaces with the same outcome share one.
struct ViewTable: Sendable {
  /// A view as it is built.
  struct View: Hashable {
    /// Route and outcome, by route; what is absent is decided by `allowsRest`.
    var outcomes: [Outcome]
    /// Whether every other route is allowed with `wouldDeny`: clients that only Report policies select.
    var allowsRest: Bool
  }

  /// One route's outcome in a view.
  struct Outcome: Hashable {
    var route: UInt32
    var outcome: RouteOutcome
  }

  private struct Entry {
    var outcomes: Range<UInt32>
    var allowsRest: Bool
  }

  private var entries: [Entry] = []
  private var routes: [UInt32] = []
  private var outcomes: [RouteOutcome] = []
  private var indexes: [View: UInt32] = [:]

  /// How many views there are.
  var count: Int { entries.count }

  /// The index of a view, which is added if it is new.
  mutating func insert(_ view: View) -> UInt32 {
    if let index = indexes[view] { return index }
    let start = UInt32(routes.count)
    for outcome in view.outcomes {
      routes.append(outcome.route)
      outcomes.append(outcome.outcome)
    }
    entries.append(Entry(outcomes: start..<UInt32(routes.count), allowsRest: view.allowsRest))
    indexes[view] = UInt32(entries.count - 1)
    return UInt32(entries.count - 1)
  }

  /// Ends building: what only building needs is let go.
  mutating func freeze() {
    indexes = [:]
  }

  /// What the clients of a view may see of a route, whose own variant is `ownVariant`.
  func outcome(view: UInt32, route: UInt32, ownVariant: UInt32) -> RouteOutcome {
    let entry = entries[Int(view)]
    var low = Int(entry.outcomes.lowerBound)
    var high = Int(entry.outcomes.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if routes[middle] < route { low = middle + 1 } else { high = middle }
    }
    if low < Int(entry.outcomes.upperBound), routes[low] == route { return outcomes[low] }
    return entry.allowsRest ? .allow(variant: ownVariant, wouldDeny: true) : .prohibited
  }
}
