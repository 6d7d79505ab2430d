import SteeringPolicy

extension PublishedStatus {
  /// How many findings are told, and how many addresses; the CRDs allow no more.
  private static let limits = (findings: 16, addresses: 64)
  /// The most octets of a version that is told; the CRDs allow no more.
  static let specLimit = 131_072
  /// The most octets of a text.
  static let textLimit = 1024

  /// What became of an object, as a gist.
  init(_ status: ObjectStatus) {
    let errors = status.diagnostics.filter { $0.severity == .error }
    let findings = errors + status.diagnostics.filter { $0.severity == .warning }
    observedGeneration = status.generation
    diagnostics = findings.isEmpty ? nil : findings.prefix(Self.limits.findings).map(Finding.init)
    let isTest = status.key.kind == "EgressTest"
    conditions = [
      status.accepted, isTest ? status.passed : status.programmed, status.resolvedReferences,
    ]
    let addresses = status.addresses.sorted().prefix(Self.limits.addresses).map(\.description)
    self.addresses = addresses.isEmpty ? nil : addresses
    if !status.isAccepted, let generation = status.servedGeneration {
      let spec = status.servedSpec.flatMap { $0.utf8.count <= Self.specLimit ? $0 : nil }
      lastAccepted = Version(generation: generation, spec: spec)
    }
    self = gist
  }
}

extension PublishedStatus.Finding {
  fileprivate init(_ diagnostic: Diagnostic) {
    code = diagnostic.code.rawValue
    severity = diagnostic.severity.rawValue
    message = diagnostic.message.bounded(to: PublishedStatus.textLimit)
    at = diagnostic.location.description.bounded(to: PublishedStatus.textLimit)
  }
}

extension ObjectStatus {
  /// The findings that say that something is not there that is referred to.
  private static let referenceCodes: Set<DiagnosticCode> = [
    .unknownRoute, .unknownService, .unknownNamespace, .testNamespaceUnknown, .serviceWithoutAddress,
    .serviceWithoutPort, .targetPortMismatch, .serviceWithoutEndpoints,
  ]

  fileprivate var accepted: PublishedStatus.Condition {
    let errors = diagnostics.filter { $0.severity == .error }
    if !isAccepted { return condition(.accepted, .no, errors, otherwise: "Refused") }
    return condition(.accepted, .yes, "Accepted", diagnostics.isEmpty ? "" : "with warnings: see status.diagnostics")
  }

  fileprivate var resolvedReferences: PublishedStatus.Condition {
    let missing = diagnostics.filter { Self.referenceCodes.contains($0.code) }
    if !hasResolvedReferences { return condition(.resolvedRefs, .no, missing, otherwise: "NotResolved") }
    return condition(.resolvedRefs, .yes, "ResolvedRefs", "")
  }

  fileprivate var programmed: PublishedStatus.Condition {
    if !isAccepted, servesUnknown {
      return condition(
        .programmed, .no, PublishedStatus.Condition.heldBack, "which version of this object serves is not known")
    }
    if !isAccepted, isWithoutOthers, servedGeneration == nil {
      let message = "nothing is served until this object is put right or deleted"
      return condition(.programmed, .no, PublishedStatus.Condition.notServing, message)
    }
    if !isAccepted {
      let message =
        servedGeneration.map { "version \($0) of this object serves on" } ?? "nothing of this object serves"
      return condition(
        .programmed, .no, servedGeneration == nil ? "NotAccepted" : PublishedStatus.Condition.heldBack, message)
    }
    if servedGeneration == generation { return condition(.programmed, .yes, "Programmed", "") }
    let message = "what serves was made before this version: " + (notPublished ?? "the server's log says why")
    return condition(.programmed, .no, "NotPublished", message)
  }

  fileprivate var passed: PublishedStatus.Condition {
    guard let testResult else {
      return condition(.passed, .unknown, "NotRun", "the test does not run until it is accepted and resolved")
    }
    if testResult.passed { return condition(.passed, .yes, "Passed", "") }
    return condition(.passed, .no, "Failed", testResult.failures.joined(separator: "; "))
  }

  /// A condition whose reason and message are those of the first of some findings.
  private func condition(
    _ name: PublishedStatus.Condition.Name, _ value: PublishedStatus.Condition.Value, _ findings: [Diagnostic],
    otherwise reason: String
  ) -> PublishedStatus.Condition {
    guard let first = findings.first else { return condition(name, value, reason, "see the server's log") }
    let more = findings.count > 1 ? " (and \(findings.count - 1) more: see status.diagnostics)" : ""
    // The first is cut, not what says that there are more.
    let message = first.message.bounded(to: PublishedStatus.textLimit - more.utf8.count) + more
    return condition(name, value, first.code.reason, message)
  }

  private func condition(
    _ name: PublishedStatus.Condition.Name, _ value: PublishedStatus.Condition.Value, _ reason: String,
    _ message: String
  ) -> PublishedStatus.Condition {
    PublishedStatus.Condition(
      type: name.rawValue, status: value, observedGeneration: generation, lastTransitionTime: "", reason: reason,
      message: message.bounded(to: PublishedStatus.textLimit))
  }
}

extension DiagnosticCode {
  /// The code as Kubernetes writes reasons: `unknown-service` is `UnknownService`.
  fileprivate var reason: String {
    rawValue.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }
}
