extension DecodedPolicy {
  /// The priority of a policy that has none written.
  static let defaultPriority: Int32 = 1000

  /// Reads an `EgressPolicy`; faults are reported.
  init?(_ document: Document) {
    guard let (metadata, spec) = document.metadataAndSpec() else { return nil }
    self.metadata = metadata
    let priorityValue = spec.optional("priority")
    priority =
      (priorityValue?.integer(in: 0...Int(Int32.max))).map(Int32.init(truncatingIfNeeded:))
      ?? Self.defaultPriority
    priorityLocation = priorityValue?.location ?? metadata.location
    mode = spec.optional("mode")?.choice() ?? .enforce
    let subjectValue = spec.required("subject")
    namespaces = []
    subject = subjectValue?.subject(naming: &namespaces) ?? .serviceAccounts([])
    subjectLocation = subjectValue?.location ?? metadata.location
    rules = []
    var places: [String: SourceLocation] = [:]
    for (index, item) in (spec.required("egress")?.items() ?? []).enumerated() {
      guard let fields = item.fields() else { continue }
      let nameValue = fields.optional("name")
      let rule = DecodedRule(fields, name: nameValue?.string() ?? "rule-\(index)")
      let place = nameValue?.location ?? item.location
      if let first = places.updateValue(place, forKey: rule.name) {
        document.fields.value.source.findings.report(
          .duplicateName, at: place,
          "another rule of the policy is named '\(rule.name.prefix(80))', at \(first); rename one of them")
      }
      rules.append(rule)
    }
    spec.finish()
  }
}

extension DecodedRule {
  fileprivate init(_ fields: FieldReader, name: String) {
    self.name = name
    location = fields.value.location
    let actionValue = fields.required("action")
    let action = actionValue?.choice(EgressRule.Action.self)
    self.action = action ?? .deny
    routes = (fields.required("routeRefs")?.items(atLeast: 1) ?? []).compactMap { item in
      guard let fields = item.fields() else { return nil }
      let name = fields.required("name").flatMap { value in value.string().map(value.located) }
      fields.finish()
      return name
    }
    if let value = fields.optional("backendRefs") {
      backends = value.backendReferences()
      if action == .deny {
        value.report(.invalidValue, "has no meaning with action Deny; remove it, or use Allow")
      }
    }
    fields.finish()
  }
}

extension Value {
  /// Exactly one of `namespaces`, `serviceAccounts` and `ipBlocks`; faults are reported.
  fileprivate func subject(naming namespaces: inout [Located<String>]) -> EgressPolicy.Subject? {
    guard let fields = fields() else { return nil }
    let kinds = ["namespaces", "serviceAccounts", "ipBlocks"]
    let written = kinds.compactMap { kind in fields.optional(kind).map { (kind, $0) } }
    fields.finish()
    guard let (kind, value) = written.first, written.count == 1 else {
      let found = written.isEmpty ? "none" : written.map(\.0).joined(separator: " and ")
      report(
        .ambiguousSubject,
        "must have exactly one of \(kinds.joined(separator: ", ")), but has \(found); "
          + "write one policy for each")
      return nil
    }
    switch kind {
    case "namespaces":
      return value.labelSelector(naming: &namespaces).map { .namespaces($0) }
    case "serviceAccounts":
      var accounts: [NamespacedName] = []
      for item in value.items(atLeast: 1) ?? [] {
        guard let account = item.namespacedName() else { continue }
        accounts.append(account)
        let place = item.node.mapping?["namespace"]?.mark
        namespaces.append(Located(account.namespace, at: source.location(place ?? item.node.mark)))
      }
      return .serviceAccounts(accounts)
    default:
      return .ipBlocks(
        (value.items(atLeast: 1) ?? []).compactMap { item in
          guard let fields = item.fields() else { return nil }
          let block = fields.required("cidr").flatMap { value in value.block().map(value.located) }
          fields.finish()
          return block
        })
    }
  }
}
