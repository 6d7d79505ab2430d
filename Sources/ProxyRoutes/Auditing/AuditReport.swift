/// What became of the routes that clients asked for, and of the connections that they asked for.
public struct AuditReport: Codable, Sendable {
  /// How often something happened, and when first and last (RFC 3339).
  public struct Tally: Codable, Sendable {
    public var count: UInt64
    public var first: String
    public var last: String
  }

  /// Where a line is that could not be read.
  public struct Place: Codable, Sendable {
    public var file: String
    public var line: UInt64
    public var reason: String
  }

  /// What one kind of log had.
  public struct Input: Codable, Sendable {
    /// The lines of all files.
    public var lines: UInt64
    /// Those in the range of time that tell of a route.
    public var taken: UInt64
    /// The lines that the logs say they dropped.
    public var dropped: UInt64
    /// The lines that could not be read, and the first of them.
    public var unreadable: UInt64
    public var firstUnreadable: Place?
    /// The earliest and the latest time of a line, in the range or not.
    public var first: String?
    public var last: String?
  }

  /// Connections that followed no answer.
  public struct Unresolved: Codable, Sendable {
    public var count: UInt64
    public var first: String
    public var last: String
    /// How many of them followed an answer that was older than the window.
    public var afterWindow: UInt64
    /// How many of them may have followed an answer from before the query log begins, or from after it ends.
    public var uncertain: UInt64
    /// One of the destinations.
    public var destination: String
  }

  /// Queries or connections that were denied, for one reason.
  public struct Denial: Codable, Sendable {
    /// What was denied: `query` or `connect`.
    public var of: String
    public var reason: String
    public var count: UInt64
    public var first: String
    public var last: String
    /// The rule that denied the last of the connections, if one did, and one of their destinations.
    public var rule: String?
    public var destination: String?
  }

  /// A client and a route.
  public struct Entry: Codable, Sendable {
    /// Who: a pod, the address of a client that is none, or a namespace of whose clients no more is known.
    public var namespace: String?
    public var pod: String?
    public var client: String?
    /// The route, or `listener PORT` if there is none.
    public var route: String
    /// Answers with addresses of the route.
    public var resolved: Tally?
    /// Connections that were let through.
    public var connected: Tally?
    /// Whether there were such answers and no connection at all.
    public var neverConnected: Bool
    public var unresolved: Unresolved?
    public var denied: [Denial]
  }

  /// The range of time, where it was given.
  public var since: String?
  public var until: String?
  /// For how many seconds an answer is good.
  public var windowSeconds: UInt64
  public var queries: Input
  public var connects: Input
  /// The answers with addresses whose client the query log does not know.
  public var unidentifiedAnswers: UInt64
  /// The lines that were left out for there were too many clients and routes.
  public var leftOut: UInt64
  /// By namespace, pod, client and route.
  public var entries: [Entry]
}
