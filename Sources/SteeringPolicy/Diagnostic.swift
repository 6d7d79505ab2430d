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
  /// The fault and its remedy, one sentence or two.
  public let message: String

  /// A finding of a kind, at a place.
  public init(_ code: DiagnosticCode, at location: SourceLocation, _ message: String) {
    self.code = code
    self.location = location
    self.message = message
  }

  /// How much the finding matters; the code decides.
  public var severity: Severity { code.severity }
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
