public import DNSWire

/// A query or a connection that a policy in Report mode would have denied.
public struct Report: Hashable, Sendable {
  /// Who asked.
  public let client: IPAddress
  /// The route that was asked for.
  public let route: String

  /// A report of a client and a route.
  public init(client: IPAddress, route: String) {
    self.client = client
    self.route = route
  }
}
