/// Documents → validated policy: decodes every document, then checks them against each other.
public enum PolicyLoader {
  /// What is taken for the Services that a policy refers to.
  public enum Services: Sendable {
    /// Those of the inventory.
    case inventory
    /// Those that the policy asks for, which are yet to be made: they have no address, and what the inventory has is not
    /// looked at.
    case yetToBeMade
  }

  /// The policy of `files`, or nil if any finding is an error; every finding is returned, by place.
  ///
  /// What a live `cluster` has counts before what the files say of the same object.
  public static func load(
    _ files: [PolicyFile], cluster: ClusterInventory? = nil, services: Services = .inventory
  ) -> (policy: PolicySet?, diagnostics: [Diagnostic]) {
    let findings = Findings()
    let objects = DecodedObjects(files, into: findings)
    if let first = files.first, objects.zones.isEmpty, !objects.unread.mayHoldZone {
      findings.report(
        .noZone, at: SourceLocation(file: first.path, line: 1, column: 1),
        "no file has a SteeringZone, so there is no zone to serve; add one")
    }
    var validator = Validator(objects, services: services, findings: findings)
    let policy = validator.validate()
    let diagnostics = findings.diagnostics.sorted {
      ($0.location, $0.code.rawValue, $0.message) < ($1.location, $1.code.rawValue, $1.message)
    }
    return (diagnostics.hasErrors ? nil : policy, diagnostics)
  }
}
