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
}
