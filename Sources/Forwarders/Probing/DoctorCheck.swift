/// One thing that was looked at, and how it is.
public struct DoctorCheck: Codable, Equatable, Sendable {
  /// What was looked at.
  public enum Subject: String, Codable, Sendable {
    case resolver, served, pods, edns, trust, subnet, identity, conflict, forgery, cache, tcp
    case largeAnswers = "large-answers"
    case filter
    case searchPath = "search-path"
    case mdns
    case agreement
  }

  /// How it is.
  public enum Status: String, Codable, Sendable {
    case ok, warning, error, skipped
  }

  /// What is wrong; the names are stable.
  public enum Code: String, Codable, Sendable, CaseIterable {
    case identityLost = "identity-lost"
    case forgedIdentityAccepted = "forged-identity-accepted"
    case clientOptionsPass = "client-options-pass"
    case sharedCache = "shared-cache"
    case optionsStripped = "options-stripped"
    case ecsTruncated = "ecs-truncated"
    case forwarderNotTrusted = "forwarder-not-trusted"
    case tcpBlocked = "tcp-blocked"
    case largeUDPLost = "large-udp-lost"
    case searchPath = "search-path"
    case mdnsLocal = "mdns-local"
    case notServed = "not-served"
    case resolverUnreachable = "resolver-unreachable"
    case podsNotSynchronized = "pods-not-synchronized"
    case identityConflicting = "identity-conflicting"
    case mixedAnswers = "mixed-answers"
    case rebindFiltered = "rebind-filtered"
  }

  /// What was looked at.
  public var check: Subject
  /// How it is.
  public var status: Status
  /// What is wrong; nil if nothing is, or it could not be told.
  public var code: Code?
  /// The resolver that it is about; nil if it is about none or all.
  public var resolver: String?
  /// What was seen, or why nothing could be.
  public var seen: String
  /// Why it matters.
  public var why: String?
  /// What to do, in lines that can be pasted.
  public var fix: String?

  static func ok(_ check: Subject, _ seen: String) -> DoctorCheck {
    DoctorCheck(check: check, status: .ok, seen: seen)
  }

  static func skipped(_ check: Subject, _ reason: String) -> DoctorCheck {
    DoctorCheck(check: check, status: .skipped, seen: reason)
  }

  static func error(_ check: Subject, _ code: Code, _ seen: String, why: String, fix: String) -> DoctorCheck {
    DoctorCheck(check: check, status: .error, code: code, seen: seen, why: why, fix: fix)
  }

  static func warning(_ check: Subject, _ code: Code, _ seen: String, why: String, fix: String) -> DoctorCheck {
    DoctorCheck(check: check, status: .warning, code: code, seen: seen, why: why, fix: fix)
  }
}
