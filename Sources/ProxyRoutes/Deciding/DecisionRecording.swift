public import Steering

/// Whoever writes decisions down.
public protocol DecisionRecording: Sendable {
  /// A decision was made about a request, by a snapshot; called for each, on the thread that decides.
  func record(_ request: ProxyRequest, _ decision: ProxyDecision, in snapshot: Snapshot)
  /// A line of a helper, or the beginning of one, was denied for it cannot be read.
  func recordMalformed(_ line: [UInt8], in snapshot: Snapshot)
}

extension DecisionRecording {
  /// Nothing is written down.
  public func recordMalformed(_ line: [UInt8], in snapshot: Snapshot) {}
}
