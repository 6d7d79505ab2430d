public import KubernetesAPI
import Synchronization

/// How fresh what is known of a cluster is, by resource.
public final class Freshness: Sendable {
  /// How fresh one resource is.
  public struct State: Equatable, Sendable {
    /// The resource.
    public var resource: ClusterResource
    /// Whether it was told completely since the start.
    public var isSynchronized = false
    /// How many objects of it are known.
    public var count = 0
    /// How often its objects were listed.
    public var lists = 0
    /// Why the server cannot be heard now; nil if it can.
    public var lost: String?
    /// How many seconds ago the server was heard last, or what was restored was kept; nil if there was neither.
    public var age: Double?
  }

  private struct Entry {
    var state: State
    var heard: ContinuousClock.Instant?
    /// Whether its objects are being told anew.
    var isListing = false
  }

  private let entries: Mutex<[ClusterResource: Entry]>

  /// The freshness of resources of which nothing is known yet.
  public init(_ resources: [ClusterResource]) {
    entries = Mutex(
      Dictionary(resources.map { ($0, Entry(state: State(resource: $0))) }, uniquingKeysWith: { first, _ in first }))
  }

  /// Every resource, in a fixed order, as of now.
  public var states: [State] {
    let now = ContinuousClock.now
    let entries = entries.withLock { $0 }
    return ClusterResource.allCases.compactMap { resource in
      guard let entry = entries[resource] else { return nil }
      var state = entry.state
      state.age = entry.heard.map { max(0, (now - $0) / .seconds(1)) }
      return state
    }
  }

  /// Whether every resource was told completely since the start.
  public var isSynchronized: Bool { entries.withLock { $0.values.allSatisfy(\.state.isSynchronized) } }

  /// How old in seconds the oldest of what is served is; nil if all of it is live.
  ///
  /// What is live is told completely, and the server can be heard.
  public var staleness: Double? {
    states.filter { $0.lost != nil || !$0.isSynchronized }.map { $0.age ?? 0 }.max()
  }

  /// Takes note of what was told of a resource, `count` objects of which are known now.
  public func note<Object>(_ changes: [Change<Object>], of resource: ClusterResource, count: Int) {
    let now = ContinuousClock.now
    entries.withLock { entries in
      guard var entry = entries[resource] else { return }
      entry.state.count = count
      for change in changes {
        switch change {
        case .lost(let reason):
          entry.state.lost = reason
          continue
        case .relisting:
          entry.state.lists &+= 1
          entry.isListing = true
        case .synchronized:
          entry.state.isSynchronized = true
          entry.isListing = false
        case .applied, .deleted, .heard: break
        }
        // A list that is not whole does not say what is gone.
        if entry.isListing, entry.state.isSynchronized { continue }
        entry.state.lost = nil
        entry.heard = now
      }
      entries[resource] = entry
    }
  }

  /// Takes note that what is known of `resources` was kept `age` seconds ago; what was heard since is fresher.
  public func restore(_ resources: [ClusterResource], age: Double) {
    let kept = ContinuousClock.now - .seconds(max(0, age))
    entries.withLock { entries in
      for resource in resources where entries[resource]?.heard == nil { entries[resource]?.heard = kept }
    }
  }
}
