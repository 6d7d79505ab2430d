public import SteeringPolicy

/// One finding about a Corefile: what is wrong, where, and what to do about it.
public struct CorefileFinding: Hashable, Sendable {
  /// What kind of finding it is.
  public let code: CorefileFindingCode
  /// Where the fault stands.
  public let location: SourceLocation
  /// The fault and its remedy, one sentence or two.
  public let message: String

  /// How much the finding matters; the code decides.
  public var severity: Diagnostic.Severity { code.severity }
}

extension CorefileFinding: CustomStringConvertible {
  /// `file:line:column: error: message [code]`.
  public var description: String {
    "\(location): \(severity.rawValue): \(message) [\(code.rawValue)]"
  }
}
