/// Why several things are as they are, each cause once: `all 8: no route to it`, or `pods, services: …; namespaces: …`.
public struct GroupedCauses: CustomStringConvertible, Sendable {
  private var groups: [(cause: String, names: [String])] = []
  private let total: Int

  /// The causes of those things that have one, of `total` things.
  public init(_ causes: [(name: String, cause: String)], of total: Int) {
    self.total = total
    for (name, cause) in causes {
      if let index = groups.firstIndex(where: { $0.cause == cause }) {
        groups[index].names.append(name)
      } else {
        groups.append((cause, [name]))
      }
    }
  }

  /// Why the API server cannot be heard of those of `states` of which it cannot; nil if it can of all.
  public init?(lost states: [Freshness.State]) {
    self.init(states.compactMap { state in state.lost.map { (state.resource.rawValue, $0) } }, of: states.count)
    if groups.isEmpty { return nil }
  }

  /// The groups in the order in which their causes came.
  public var description: String {
    groups.map { cause, names in
      let isAll = names.count == total && total > 1
      return "\(isAll ? "all \(total)" : names.joined(separator: ", ")): \(cause)"
    }.joined(separator: "; ")
  }
}
