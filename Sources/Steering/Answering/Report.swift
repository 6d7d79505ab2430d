public import DNSWire

/// A query that a policy in Report mode would have denied.
public struct Report: Hashable, Sendable {
  /// Who asked.
  public let client: IPAddress
  /// The route that was asked for.
  public let route: String
}
