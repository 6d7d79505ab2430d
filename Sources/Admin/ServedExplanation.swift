import Control
public import Steering

/// An explanation by a running server, and how fresh what it knows of the cluster is.
public struct ServedExplanation: Codable, Sendable {
  private enum Key: String, CodingKey {
    case inventory, held
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
  /// The objects that it speaks of in an earlier version, for the last one is held back; nil if there are none.
  public var held: [ServerStatus.HeldObject]?

  /// An explanation, how fresh the inventory is that it was made from, and which objects are held back.
  public init(_ explanation: Explanation, inventory: Inventory? = nil, held: [ServerStatus.HeldObject] = []) {
    self.explanation = explanation
    self.inventory = inventory
    let origins = [explanation.decision?.origin, explanation.route?.origin].compactMap(\.self)
    let meant = held.filter { origins.contains($0.object) }
    self.held = meant.isEmpty ? nil : meant
  }

  /// Reads the explanation's own fields, and `inventory` and `held` beside them.
  public init(from decoder: any Decoder) throws {
    explanation = try Explanation(from: decoder)
    let container = try decoder.container(keyedBy: Key.self)
    inventory = try container.decodeIfPresent(Inventory.self, forKey: .inventory)
    held = try container.decodeIfPresent([ServerStatus.HeldObject].self, forKey: .held)
  }

  /// Writes the explanation's own fields, and `inventory` and `held` beside them.
  public func encode(to encoder: any Encoder) throws {
    try explanation.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encodeIfPresent(inventory, forKey: .inventory)
    try container.encodeIfPresent(held, forKey: .held)
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
