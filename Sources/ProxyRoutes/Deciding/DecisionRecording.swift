public import Steering

/// Whoever writes decisions down.
public protocol DecisionRecording: Sendable {
  /// A decision was made about a request, by a snapshot; called for each, on the thread that decides.
  func record(_ request: ProxyRequest, _ decision: ProxyDecision, in snapshot: Snapshot)
}
