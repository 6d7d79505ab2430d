public import SteeringPolicy

/// Who knows whether a parent proxy can be used now.
public protocol ParentStatus: Sendable {
  /// Whether a parent is up, as a check finds it.
  func isUp(_ parent: EgressRoute.ParentProxy, checkedBy check: EgressRoute.HealthCheck) -> Bool
}
