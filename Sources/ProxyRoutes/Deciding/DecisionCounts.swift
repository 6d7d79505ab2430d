import Steering

/// How many requests were decided, and how.
public struct DecisionCounts: Codable, Equatable, Sendable {
  /// Requests let through.
  public var allowed: UInt64 = 0
  /// Requests refused.
  public var denied: UInt64 = 0
  /// Lines that are no question, all refused; not among the others.
  public var malformed: UInt64 = 0
  /// Helpers that are connected now.
  public var helpers = 0
  /// The decisions by their reason, `allowed` and `reportMode` among them; those that never were are left out.
  public var reasons: [String: UInt64] = [:]

  /// Everything that was answered.
  var total: UInt64 { allowed &+ denied &+ malformed }

  /// Counts a decision.
  mutating func count(_ decision: ProxyDecision) {
    if decision.isAllowed { allowed += 1 } else { denied += 1 }
    reasons[decision.reason.rawValue, default: 0] += 1
  }
}
