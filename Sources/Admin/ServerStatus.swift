import Control

/// How a running server is: what `/readyz` says, and what `steer status --server` shows.
///
/// Programs read it as JSON; the names of its fields are stable.
public struct ServerStatus: Codable, Equatable, Sendable {
  /// A resource of the Kubernetes API that the server watches.
  public struct Resource: Codable, Equatable, Sendable {
    /// Its plural name, such as `pods`.
    public var resource: String
    /// Whether it was told completely since the server's start.
    public var synchronized: Bool
    /// How many objects of it are known.
    public var count: Int
    /// How often its objects were listed.
    public var lists: Int
    /// How many seconds ago the API server was heard last, or what was restored was known to be so; nil if there was
    /// neither.
    public var age: Double?
    /// Why the API server cannot be heard now; nil if it can.
    public var lost: String?
  }

  /// An object whose last version is not served.
  public struct HeldObject: Codable, Equatable, Sendable {
    /// Which, such as `EgressPolicy/team-a`.
    public var object: String
    /// Why, as its first finding says.
    public var reason: String

    /// An object and why it is held back.
    public init(object: String, reason: String) {
      self.object = object
      self.reason = reason
    }
  }

  /// Whether clients are answered.
  public var ready: Bool
  /// Why they are not, or what is going on; nil if there is nothing to say.
  public var reason: String?
  /// The generation that serves, `SERIAL/DIGEST`; nil before there is one.
  public var generation: String?
  /// How many addresses of pods are known.
  public var pods: Int
  /// How old in seconds the oldest of what is served is; nil if all of it is live, or comes from files.
  public var stale: Double?
  /// What is watched; empty if everything comes from files.
  public var resources: [Resource] = []
  /// The objects that are held back, each with why.
  public var held: [HeldObject] = []
  /// Why what was loaded last does not serve; nil if it does.
  public var failure: String?
  /// Whether this server writes the objects' status; nil if none is written.
  public var leader: Bool?
}

extension ServerStatus.Resource {
  /// A resource as its freshness is known.
  init(_ state: Freshness.State) {
    resource = state.resource.rawValue
    synchronized = state.isSynchronized
    count = state.count
    lists = state.lists
    age = state.age
    lost = state.lost
  }
}
