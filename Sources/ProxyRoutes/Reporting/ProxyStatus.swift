import Foundation

/// How the proxies, their parents and the decisions are now: what a running server tells of them.
public struct ProxyStatus: Codable, Equatable, Sendable {
  /// A process of the engine.
  public struct Instance: Codable, Equatable, Sendable {
    /// Its name.
    public var name: String
    /// Its process; nil if there is none.
    public var pid: Int?
    /// Whether it serves: `running`, or in a word why not.
    public var state: String
    /// How often it was started again.
    public var restarts: Int
    /// When it came to be in this state, in seconds since 1970.
    public var since: Int64

    /// An instance.
    public init(name: String, pid: Int?, state: String, restarts: Int, since: Int64) {
      self.name = name
      self.pid = pid
      self.state = state
      self.restarts = restarts
      self.since = since
    }
  }

  /// What accepts and forwards requests.
  public struct Engine: Codable, Equatable, Sendable {
    /// Which it is, such as `squid`; `none` if there is none.
    public var kind: String
    /// Whether the server runs its processes.
    public var isSupervised: Bool
    /// Its processes, if the server runs them.
    public var instances: [Instance]

    /// An engine.
    public init(kind: String, isSupervised: Bool, instances: [Instance]) {
      self.kind = kind
      self.isSupervised = isSupervised
      self.instances = instances
    }
  }

  /// A port that the engine listens at.
  public struct Listener: Codable, Equatable, Sendable {
    /// The port.
    public var port: UInt16
    /// The route's name.
    public var route: String
    /// Whether the route is of the generation that is served, and not of one before whose listener is about to close.
    public var isCurrent: Bool

    /// A listener.
    public init(port: UInt16, route: String, isCurrent: Bool) {
      self.port = port
      self.route = route
      self.isCurrent = isCurrent
    }
  }

  /// A parent proxy as a check finds it.
  public struct Parent: Codable, Equatable, Sendable {
    /// Its host name or address.
    public var host: String
    /// Its port.
    public var port: UInt16
    /// What it is asked to connect to, `HOST:PORT`; nil if it has only to accept a connection.
    public var connect: String?
    /// Seconds from one check to the next.
    public var interval: UInt32
    /// Seconds that it has to answer.
    public var timeout: UInt32
    /// Whether it is used.
    public var isUp: Bool
    /// Whether it was checked already.
    public var isChecked: Bool
    /// When it was found to be up or down, in seconds since 1970; nil before the first check.
    public var since: Int64?
    /// Why the last check failed; nil if it did not.
    public var lastError: String?
    /// How long the last check took that did not fail, in seconds.
    public var latency: Double?
  }

  /// How often was decided so.
  public struct Decision: Codable, Equatable, Sendable {
    /// `allowed` or `denied`.
    public var verdict: String
    /// Why, in a word.
    public var reason: String
    /// How often.
    public var count: UInt64

    /// A kind of decision and how often there was one.
    public init(isAllowed: Bool, reason: String, count: UInt64) {
      verdict = isAllowed ? "allowed" : "denied"
      self.reason = reason
      self.count = count
    }
  }

  /// The generation that is served, `SERIAL/DIGEST`.
  public var generation: String
  /// The engine.
  public var engine: Engine
  /// The engine's listeners, by port.
  public var listeners: [Listener] = []
  /// The parents of all routes, by host and port.
  public var parents: [Parent] = []
  /// The decisions since the server was started, by verdict and reason.
  public var decisions: [Decision] = []
  /// Requests that could not be read, all refused; not among the decisions.
  public var malformed: UInt64 = 0
  /// Decisions that would have been a denial, were a policy not in Report mode; they are among those allowed.
  public var enforceWouldDeny: UInt64 = 0
  /// Helpers that are connected.
  public var helperConnections = 0
  /// Whether connections that are revoked can be closed; nil if nothing watches over them.
  public var canCloseConnections: Bool?
  /// The connections by routes that close what is revoked; nil if nothing watches over them.
  public var connections: OpenConnections.Counts?

  /// The status of an engine that serves a generation; all else is to be filled in.
  public init(generation: String, engine: Engine) {
    self.generation = generation
    self.engine = engine
  }

  /// The status as JSON, keys sorted.
  public var json: [UInt8] {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return Array(try encoder.encode(self))
    }
  }

  /// The status that JSON says.
  public init(json: [UInt8]) throws {
    self = try JSONDecoder().decode(ProxyStatus.self, from: Data(json))
  }
}

extension ProxyStatus.Parent {
  /// A parent as its health is known.
  public init(_ state: ParentHealth.State) {
    host = state.parent.host
    port = state.parent.port
    connect = state.check.connect.map { "\($0.host):\($0.port)" }
    interval = state.check.interval
    timeout = state.check.timeout
    isUp = state.isUp
    isChecked = state.isChecked
    since = state.since
    lastError = state.lastError
    latency = state.latency.map { $0 / .seconds(1) }
  }

  /// `HOST:PORT`, an IPv6 address in brackets.
  public var name: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Whether it is the same parent, found out about in the same way.
  public func isSameCheck(as other: ProxyStatus.Parent) -> Bool {
    (host, port, connect, interval, timeout) == (other.host, other.port, other.connect, other.interval, other.timeout)
  }
}
