import DNSWire

extension Value {
  /// Who may have the zone as a whole; faults are reported.
  func transfers() -> [TransferRule] {
    let rules = (items(atMost: Limits.transfers) ?? []).compactMap { $0.transfer() }
    var places: [DomainName: SourceLocation] = [:]
    for key in rules.compactMap(\.key) {
      guard let first = places[key.value] else {
        places[key.value] = key.location
        continue
      }
      source.findings.report(
        .duplicateTransferKey, at: key.location,
        "the key \(key.value.relativeDescription) already stands at \(first), and a key has one view of a zone; give each "
          + "secondary a key of its own")
    }
    return rules
  }

  private func transfer() -> TransferRule? {
    guard let fields = fields() else { return nil }
    let key = fields.optional("key").flatMap { value in value.domainName().map(value.located) }
    let blocks = (fields.optional("cidrs")?.items(atLeast: 1, atMost: Limits.transferBlocks) ?? [])
      .compactMap { $0.transferBlock(hasKey: fields.optional("key") != nil) }
    let view = fields.optional("view").flatMap { value in value.transferView().map(value.located) }
    let notify = (fields.optional("notify")?.items(atMost: Limits.notified) ?? []).compactMap { $0.endpoint() }
    fields.finish()
    if fields.optional("key") == nil, fields.optional("cidrs") == nil {
      report(.missingField, "has neither 'key' nor 'cidrs', so anyone could have the zone; add one of them, or both")
    }
    return TransferRule(key: key, blocks: blocks, view: view, notify: notify)
  }

  /// A block of addresses; without a key it may not be every address.
  private func transferBlock(hasKey: Bool) -> IPBlock? {
    guard let block = block() else { return nil }
    if hasKey || block.prefixLength > 0 { return block }
    report(.invalidValue, "is every address, so anyone could have the zone; name the secondaries, or add 'key'")
    return nil
  }

  private func transferView() -> TransferRule.View? {
    guard let fields = fields() else { return nil }
    let namespace = fields.required("namespace")?.labelName()
    let account = fields.optional("serviceAccount").map { $0.objectName() }
    fields.finish()
    guard let namespace else { return nil }
    return TransferRule.View(namespace: namespace, serviceAccount: account ?? nil)
  }

  /// An address and a port; a fault is reported.
  private func endpoint() -> Endpoint? {
    guard let text = string() else { return nil }
    if let endpoint = Endpoint(text), endpoint.port > 0 { return endpoint }
    report(
      .invalidAddress,
      "'\(text.prefix(80))' is not ADDRESS:PORT; write one such as 10.8.4.7:53 or \"[fd00::7]:53\"")
    return nil
  }
}
