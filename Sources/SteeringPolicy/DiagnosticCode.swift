/// The kinds of findings; the raw value is what users see in brackets and may search for.
public enum DiagnosticCode: String, Sendable, CaseIterable, Codable {
  // Reading
  case fileUnreadable = "file-unreadable"
  case fileTooLarge = "file-too-large"
  case nothingToLoad = "nothing-to-load"
  case syntax = "syntax"
  case unknownKind = "unknown-kind"
  case unsupportedVersion = "unsupported-version"
  case partialList = "partial-list"

  // Shape
  case unknownField = "unknown-field"
  case missingField = "missing-field"
  case wrongType = "wrong-type"
  case invalidValue = "invalid-value"
  case tooMany = "too-many"
  case invalidName = "invalid-name"
  case invalidDNSName = "invalid-dns-name"
  case invalidAddress = "invalid-address"
  case invalidCIDR = "invalid-cidr"
  case invalidPort = "invalid-port"
  case invalidDuration = "invalid-duration"
  case invalidSelector = "invalid-selector"
  case ambiguousSubject = "ambiguous-subject"

  // References
  case duplicateName = "duplicate-name"
  case duplicateZone = "duplicate-zone"
  case duplicateHostname = "duplicate-hostname"
  case duplicateTransferKey = "duplicate-transfer-key"
  case duplicateListener = "duplicate-listener"
  case unservableRoute = "unservable-route"
  case duplicatePodAddress = "duplicate-pod-address"
  case hostnameOutsideZone = "hostname-outside-zone"
  case reservedName = "reserved-name"
  case unknownRoute = "unknown-route"
  case unknownService = "unknown-service"
  case unknownNamespace = "unknown-namespace"
  case testNamespaceUnknown = "test-namespace-unknown"
  case serviceWithoutAddress = "service-without-address"
  case serviceWithoutPort = "service-without-port"
  case targetPortMismatch = "target-port-mismatch"
  case headlessPort = "headless-port"
  case unusableWeights = "unusable-weights"
  case healthCheckTarget = "health-check-target"
  case inventoryTwice = "inventory-twice"

  // Meaning
  case tiedPriority = "tied-priority"
  case shadowedRule = "shadowed-rule"
  case subjectSelectsNothing = "subject-selects-nothing"
  case podsInIPBlock = "pods-in-ip-block"
  case podsTrusted = "pods-trusted"
  case nobodyTrusted = "nobody-trusted"
  case severalSources = "several-sources"
  case subjectNotIdentified = "subject-not-identified"
  case noZone = "no-zone"
  case serviceWithoutEndpoints = "service-without-endpoints"
  case routeWithoutParent = "route-without-parent"

  // Keys
  case weakKey = "weak-key"
  case keyFilePermissions = "key-file-permissions"
  case transferKeyMissing = "transfer-key-missing"

  // Zone files
  case zoneFile = "zone-file"
  case zoneSyntax = "zone-syntax"
  case zoneInclude = "zone-include"
  case zoneWithoutSOA = "zone-without-soa"
  case zoneSeveralSOA = "zone-several-soa"
  case zoneWithoutNS = "zone-without-ns"
  case zoneOutside = "zone-outside"
  case zoneCNAMEConflict = "zone-cname-conflict"
  case zoneSeveralDNAME = "zone-several-dname"
  case zoneBelowDNAME = "zone-below-dname"
  case zoneDNAMEDelegation = "zone-dname-delegation"
  case zoneRRsetTooLarge = "zone-rrset-too-large"
  case zoneMissingGlue = "zone-missing-glue"
  case zoneNSWithoutAddress = "zone-ns-without-address"
  case zoneAliasTarget = "zone-alias-target"
  case zoneTTLMismatch = "zone-ttl-mismatch"
  case zoneClass = "zone-class"
  case zoneClash = "zone-clash"
  case zoneNameservers = "zone-nameservers"

  /// How much a finding of the kind matters.
  public var severity: Diagnostic.Severity {
    switch self {
    case .shadowedRule, .subjectSelectsNothing, .podsInIPBlock, .podsTrusted, .unknownNamespace, .zoneTTLMismatch,
      .zoneDNAMEDelegation, .zoneMissingGlue, .zoneNSWithoutAddress, .zoneAliasTarget, .serviceWithoutEndpoints,
      .zoneNameservers, .headlessPort, .routeWithoutParent, .partialList, .nobodyTrusted, .severalSources,
      .subjectNotIdentified, .inventoryTwice,
      .weakKey, .keyFilePermissions, .transferKeyMissing:
      .warning
    default: .error
    }
  }
}

extension DiagnosticCode {
  /// Findings about what is referred to and is not there, or is there in another way.
  ///
  /// In a live cluster it may come a moment later or be gone for one: the reference alone has no effect until then.
  public static let references: Set<DiagnosticCode> = [
    .unknownRoute, .unknownService, .unknownNamespace, .testNamespaceUnknown, .serviceWithoutAddress,
    .serviceWithoutPort, .targetPortMismatch, .hostnameOutsideZone,
  ]
  /// What is no more than a warning in a live cluster.
  static let lenientWhenLive = references.union([.noZone])
}
