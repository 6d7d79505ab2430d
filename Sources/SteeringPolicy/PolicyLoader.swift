/// Documents → validated policy: decodes every document, then checks them against each other.
public enum PolicyLoader {
  /// What is taken for the Services that a policy refers to.
  public enum Services: Sendable {
    /// Those of the inventory.
    case inventory
    /// Those that the policy asks for, which are yet to be made: of what the inventory has of them only the addresses are
    /// taken.
    case yetToBeMade
  }

  /// The policy of `files`, or nil if any finding is an error; every finding is returned, by place.
  ///
  /// What a live `cluster` has counts before what the files say of the same object.
  public static func load(
    _ files: [PolicyFile], cluster: ClusterInventory? = nil, services: Services = .inventory
  ) -> (policy: PolicySet?, diagnostics: [Diagnostic]) {
    load(files.map { PolicyDocuments($0) }, cluster: cluster, isLive: cluster != nil, services: services)
  }

  /// The policy of documents; if they are of a live cluster, what a reference does not find is left out with a warning.
  public static func load(
    _ documents: [PolicyDocuments], cluster: ClusterInventory? = nil, isLive: Bool, services: Services = .inventory
  ) -> (policy: PolicySet?, diagnostics: [Diagnostic]) {
    let findings = Findings(lenient: isLive ? DiagnosticCode.lenientWhenLive : [])
    var objects = DecodedObjects()
    for each in documents {
      objects.add(each.objects)
      findings.add(each.diagnostics)
    }
    if objects.zones.isEmpty, !objects.unread.mayHoldZone, isLive || !documents.isEmpty {
      findings.report(
        .noZone, at: documents.first?.file.start ?? SourceLocation(object: Kind.steeringZone.rawValue),
        "there is no SteeringZone, so there is no zone to serve; add one")
    }
    var validator = Validator(objects, cluster: cluster, services: services, findings: findings)
    let policy = validator.validate()
    let diagnostics = findings.diagnostics.sorted {
      ($0.location, $0.code.rawValue, $0.message) < ($1.location, $1.code.rawValue, $1.message)
    }
    return (diagnostics.hasErrors ? nil : policy, diagnostics)
  }
}
