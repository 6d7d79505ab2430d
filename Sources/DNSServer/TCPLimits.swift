/// What one server gives its TCP clients (RFC 7766 §6).
public struct TCPLimits: Sendable {
  /// Connections at one time, over all listeners; a further one is closed at once.
  public var connections: Int
  /// Connections of one address at one time; a further one is closed at once.
  ///
  /// A forwarder is one client, for all that it asks for.
  public var connectionsPerClient: Int
  /// Seconds in which a connection must bring a whole query, counted from the one before.
  public var idleSeconds: Int
  /// Queries per second and connection; past them the connection is not read until the second is over.
  public var messagesPerSecond: Int
  /// Zone transfers at one time, over all connections; a further one is answered with SERVFAIL.
  public var transfers: Int
  /// Zone transfers of one address at one time; a further one is answered with SERVFAIL.
  public var transfersPerClient: Int

  /// Limits; those left out are the defaults.
  public init(
    connections: Int = 1024, connectionsPerClient: Int = 256, idleSeconds: Int = 30, messagesPerSecond: Int = 10_000,
    transfers: Int = 10, transfersPerClient: Int = 4
  ) {
    self.connections = connections
    self.connectionsPerClient = connectionsPerClient
    self.idleSeconds = idleSeconds
    self.messagesPerSecond = messagesPerSecond
    self.transfers = transfers
    self.transfersPerClient = transfersPerClient
  }
}
