public import Steering

/// Who is told of connections that a decision lets through, to close them when that is revoked.
public protocol ConnectionTracking: Sendable {
  /// A connection that `snapshot` allows by a route, told before the proxy is.
  func opened(_ request: ProxyRequest, route: Int, in snapshot: Snapshot)
}
