/// One finding about the policy: what is wrong, where, and what to do about it.
public struct Diagnostic: Hashable, Sendable {
  /// How much a finding matters.
  public enum Severity: String, Sendable, Codable {
    /// The policy cannot be used.
    case error
    /// The policy can be used, but probably does not say what was meant.
    case warning
  }

  /// What kind of finding it is; tests and tools compare this, not the prose.
  public let code: DiagnosticCode
  /// Where the fault stands.
  public let location: SourceLocation
  /// How much the finding matters: as its kind does, unless the reference is to what a live cluster may get yet.
  public let severity: Severity
  /// The other places without which there would be no fault, as the first owner of a name that is taken twice.
  public let related: [SourceLocation]
  /// The fault and its remedy, one sentence or two.
  public let message: String

  /// A finding of a kind, at a place.
  public init(
    _ code: DiagnosticCode, at location: SourceLocation, related: [SourceLocation] = [], severity: Severity? = nil,
    _ message: String
  ) {
    self.code = code
    self.location = location
    self.related = related
    self.severity = severity ?? code.severity
    self.message = message
  }
}

extension Diagnostic: CustomStringConvertible {
  /// `file:line:column: error: message [code]`.
  public var description: String {
    "\(location): \(severity.rawValue): \(message) [\(code.rawValue)]"
  }
}

extension Sequence<Diagnostic> {
  /// Whether any of the findings is an error.
  public var hasErrors: Bool { contains { $0.severity == .error } }
}
