import Control
public import Steering

/// An explanation by a running server, and how fresh what it knows of the cluster is.
public struct ServedExplanation: Codable, Sendable {
  private enum Key: String, CodingKey {
    case inventory
  }

  /// How fresh the inventory is.
  public struct Inventory: Codable, Equatable, Sendable {
    /// Whether all of it is told by the API server now.
    public var live: Bool
    /// How many seconds ago the API server was heard last of what it was heard of least lately; nil if it never was.
    public var age: Double?
  }

  /// The explanation.
  public var explanation: Explanation
  /// How fresh the inventory is; nil if it comes from files.
  public var inventory: Inventory?

  /// An explanation, and how fresh the inventory is that it was made from.
  public init(_ explanation: Explanation, inventory: Inventory? = nil) {
    self.explanation = explanation
    self.inventory = inventory
  }

  /// Reads the explanation's own fields, and `inventory` beside them.
  public init(from decoder: any Decoder) throws {
    explanation = try Explanation(from: decoder)
    inventory = try decoder.container(keyedBy: Key.self).decodeIfPresent(Inventory.self, forKey: .inventory)
  }

  /// Writes the explanation's own fields, and `inventory` beside them.
  public func encode(to encoder: any Encoder) throws {
    try explanation.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encodeIfPresent(inventory, forKey: .inventory)
  }
}

extension ServedExplanation.Inventory {
  /// The inventory of a cluster, as fresh as it is known to be.
  init(_ freshness: Freshness) {
    let states = freshness.states.filter { ClusterResource.inventory.contains($0.resource) }
    live = states.allSatisfy { $0.isSynchronized && $0.lost == nil }
    age = states.compactMap(\.age).max()
  }

  /// `live, 2 s old`, for people.
  public var text: String {
    (live ? "live" : "not live") + (age.map { ", \(Int($0)) s old" } ?? ", never heard")
  }
}
