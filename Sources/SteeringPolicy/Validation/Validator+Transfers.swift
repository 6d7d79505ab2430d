extension Validator {
  /// Reports views of transfers whose namespace is not one of `namespaces`.
  mutating func checkTransfers(namespaces: [String: [String: String]]) {
    for view in objects.zones.flatMap({ $0.zone?.transfers ?? [] }).compactMap(\.view) {
      let name = view.value.namespace
      guard namespaces[name] == nil, !objects.unread.mayHold(name) else { continue }
      let suggestion = suggestion(for: name) { _ in namespaces.keys }
      findings.report(
        .unknownNamespace, at: view.location,
        "no Namespace, Pod or policy is of the namespace '\(name)'\(suggestion), so the zone is handed out as clients see it "
          + "that no policy selects; \(namespaceRemedy)")
    }
  }
}
