extension JSON {
  /// The value after a merge patch (RFC 7386 §2): members of null are removed, all but objects is replaced.
  public func merged(with patch: JSON) -> JSON {
    guard case .object(let changes) = patch else { return patch }
    var result = JSON.object(members)
    for change in changes {
      result[change.name] = change.value == .null ? nil : (result[change.name] ?? .null).merged(with: change.value)
    }
    return result
  }

  /// The value with the members of all objects in the order of their names.
  public var sorted: JSON {
    switch self {
    case .object(let members):
      .object(members.map { Member($0.name, $0.value.sorted) }.sorted { $0.name < $1.name })
    case .array(let elements): .array(elements.map(\.sorted))
    default: self
    }
  }
}
