public import DNSWire

/// What a proxy asks about: a client that wants to reach a destination by the listener that it came to.
public struct ProxyRequest: Hashable, Sendable {
  /// The client's address.
  public var client: IPAddress
  /// The client's own TCP port, which tells its connections apart; 0 where there is no connection.
  public var clientPort: UInt16
  /// The port of the listener that the client came to: the route's own.
  public var listenerPort: UInt16
  /// The HTTP method, `CONNECT` for a tunnel.
  public var method: String
  /// Where the client wants to.
  public var destination: Destination

  /// A request of a client.
  public init(
    client: IPAddress, clientPort: UInt16, listenerPort: UInt16, method: String = "CONNECT", destination: Destination
  ) {
    self.client = client
    self.clientPort = clientPort
    self.listenerPort = listenerPort
    self.method = method
    self.destination = destination
  }
}
