public import DNSWire
public import KubernetesAPI
public import Steering
public import SteeringPolicy

/// What a load found out about one custom object.
public struct ObjectStatus: Sendable, Equatable {
  /// Which object.
  public var key: CustomObject.Key
  /// Which object of that name.
  public var uid: String
  /// The version of its spec that was judged.
  public var generation: Int64
  /// Whether that version has no error.
  public var isAccepted: Bool
  /// Whether all it refers to is there.
  public var hasResolvedReferences: Bool
  /// What was found about it.
  public var diagnostics: [Diagnostic]
  /// What came of it, if it is a test that ran.
  public var testResult: PolicyTestResult?
  /// The version of its spec that serves; nil if none does.
  public var servedGeneration: Int64?
  /// What a route's names are answered with.
  public var addresses: [IPAddress]
}
