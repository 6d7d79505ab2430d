public import SteeringPolicy

/// What kind of finding about a Corefile it is; tests and tools compare this, not the prose.
public enum CorefileFindingCode: String, CaseIterable, Sendable {
  // The file
  case corefileTooLarge = "corefile-too-large"
  case corefileSyntax = "corefile-syntax"
  case corefileMissing = "corefile-missing"
  case importUnread = "import-unread"
  case placeholderUnread = "placeholder-unread"
  case unknownPlugin = "unknown-plugin"
  // Which block answers for the zone
  case stubMissing = "stub-missing"
  case stubTwice = "stub-twice"
  case stubShadowed = "stub-shadowed"
  case stubNotReached = "stub-not-reached"
  case restMissing = "rest-missing"
  // What keeps or makes up answers
  case cached
  case cachedStale = "cached-stale"
  case cachedAhead = "cached-ahead"
  case answeredBeforeForward = "answered-before-forward"
  case mayAnswerBeforeForward = "may-answer-before-forward"
  case answerChanged = "answer-changed"
  case mayChangeAnswer = "may-change-answer"
  case orderChanged = "order-changed"
  case nameRewritten = "name-rewritten"
  // Who asked
  case rewriteSyntax = "rewrite-syntax"
  case identityMissing = "identity-missing"
  case setWithoutUnset = "set-without-unset"
  case unsetAfterSet = "unset-after-set"
  case unsetStops = "unset-stops"
  case unsetNeverRuns = "unset-never-runs"
  case setNeverRuns = "set-never-runs"
  case identityOverwritten = "identity-overwritten"
  case notSet = "not-set"
  case revertMissing = "revert-missing"
  case subnetTooCoarse = "subnet-too-coarse"
  case optionNotBelieved = "option-not-believed"
  case optionPasses = "option-passes"
  case metadataMissing = "metadata-missing"
  case podsNotVerified = "pods-not-verified"
  // Where it goes
  case forwardMissing = "forward-missing"
  case forwardElsewhere = "forward-elsewhere"
  case forwardToName = "forward-to-name"
  case forwardToFile = "forward-to-file"
  case forwardToProxy = "forward-to-proxy"
  case forwardOddPort = "forward-odd-port"
  case forwardNotSteer = "forward-not-steer"
  case healthCheckMissing = "health-check-missing"

  /// How much a finding of this kind matters.
  public var severity: Diagnostic.Severity {
    switch self {
    case .importUnread, .placeholderUnread, .unknownPlugin, .mayAnswerBeforeForward, .mayChangeAnswer, .orderChanged,
      .nameRewritten,
      .unsetNeverRuns, .revertMissing, .forwardOddPort, .healthCheckMissing:
      .warning
    default: .error
    }
  }
}
