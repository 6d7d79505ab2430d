/// How a reflector asks.
public struct ReflectorSettings: Sendable {
  /// How many objects a page of a list has.
  public var pageSize = 500
  /// How long the server may keep a watch; each asks for this times 1 to 2.
  public var watchTime: Duration = .seconds(300)
  /// The first wait after a fault; each next one is twice as long.
  public var firstWait: Duration = .milliseconds(250)
  /// The longest wait after a fault.
  public var longestWait: Duration = .seconds(30)
  /// How long to wait before a resource that the server has not is looked for again.
  public var absenceWait: Duration = .seconds(30)
  /// How many octets an object may have, as the server sends it.
  public var objectSize = 8 << 20

  /// The settings for a cluster.
  public init() {}
}
