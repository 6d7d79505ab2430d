import DNSWire

extension LabelSelector {
  /// The label that every namespace has, with its own name.
  static let namespaceNameLabel = "kubernetes.io/metadata.name"
  /// The longest label key, in octets: a prefix of 253, a slash and a name of 63.
  fileprivate static let maximumKeyLength = Limits.objectName + 1 + Limits.label
}

extension Value {
  /// A label selector; faults are reported, and the namespaces that it names by their own label are noted.
  func labelSelector(naming namespaces: inout [Located<String>]) -> LabelSelector? {
    guard let fields = fields() else { return nil }
    var requirements: [LabelSelector.Requirement] = []
    for (key, value) in fields.optional("matchLabels")?.fields()?.all ?? [] {
      guard value.checkLabelKey(key), let label = value.labelValue() else { continue }
      requirements.append(.among(key: key, values: [label]))
      if key == LabelSelector.namespaceNameLabel { namespaces.append(value.located(label)) }
    }
    for item in fields.optional("matchExpressions")?.items() ?? [] {
      if let requirement = item.requirement(naming: &namespaces) { requirements.append(requirement) }
    }
    fields.finish()
    return LabelSelector(requirements: requirements)
  }

  private func requirement(naming namespaces: inout [Located<String>]) -> LabelSelector.Requirement? {
    guard let fields = fields() else { return nil }
    let keyValue = fields.required("key")
    let operatorValue = fields.required("operator")
    let valuesValue = fields.optional("values")
    fields.finish()
    guard let keyValue, let key = keyValue.string(), keyValue.checkLabelKey(key),
      let operatorValue, let name = operatorValue.string()
    else { return nil }
    let items = valuesValue.map { $0.items() }
    if case .some(nil) = items { return nil }
    let values = (items ?? nil) ?? []
    switch name {
    case "In", "NotIn":
      if values.isEmpty {
        report(.invalidSelector, "has operator \(name) but no values; list at least one")
        return nil
      }
      let labels = values.compactMap { item in item.labelValue().map(item.located) }
      if name == "NotIn" { return .notAmong(key: key, values: Set(labels.map(\.value))) }
      if key == LabelSelector.namespaceNameLabel { namespaces += labels }
      return .among(key: key, values: Set(labels.map(\.value)))
    case "Exists", "DoesNotExist":
      if !values.isEmpty {
        report(.invalidSelector, "has operator \(name), which takes no values; remove them")
        return nil
      }
      return name == "Exists" ? .exists(key: key) : .absent(key: key)
    default:
      operatorValue.report(
        .invalidSelector, "is '\(name.prefix(80))'; use In, NotIn, Exists or DoesNotExist")
      return nil
    }
  }

  /// Whether a label key is well-formed; a fault is reported.
  private func checkLabelKey(_ key: String) -> Bool {
    let parts = key.utf8.split(separator: 0x2F, omittingEmptySubsequences: false)
    let isValid =
      key.utf8.count <= LabelSelector.maximumKeyLength && parts.count <= 2
      && parts.allSatisfy { !$0.isEmpty } && parts.last.map(Self.isLabelText) ?? false
      && (parts.count == 1 || parts[0].allSatisfy { $0.isLabelOctet && $0 != 0x5F })
    if !isValid {
      report(.invalidSelector, "has the label key '\(key.prefix(80))'; write NAME or PREFIX/NAME")
    }
    return isValid
  }

  /// A label's value; a fault is reported.
  private func labelValue() -> String? {
    guard let text = string() else { return nil }
    if text.isEmpty || Self.isLabelText(text.utf8[...]) { return text }
    report(
      .invalidSelector,
      "'\(text.prefix(80))' is not a label value; use up to \(Limits.label) letters, digits, '-', '_' and '.'"
    )
    return nil
  }

  private static func isLabelText(_ octets: Substring.UTF8View) -> Bool {
    guard let first = octets.first, let last = octets.last else { return false }
    return octets.count <= Limits.label && first.isAlphanumeric && last.isAlphanumeric
      && octets.allSatisfy(\.isLabelOctet)
  }
}

extension UInt8 {
  fileprivate var isAlphanumeric: Bool { isASCIIDigit || asciiLowercased.isASCIILowercaseLetter }

  fileprivate var isLabelOctet: Bool { isAlphanumeric || self == 0x2D || self == 0x2E || self == 0x5F }
}
