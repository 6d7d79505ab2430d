public import DNSWire
public import KubernetesAPI
public import Steering
public import SteeringPolicy

/// What became of an object of the cluster: what its status and `steer status` tell.
public struct ObjectStatus: Equatable, Sendable {
  /// Which object.
  public var key: CustomObject.Key
  /// Which object of that name.
  public var uid: String
  /// The `metadata.generation` that this is about.
  public var generation: Int64
  /// The `metadata.generation` that serves, which is an earlier one if the object is held back; nil if none does.
  public var servedGeneration: Int64?
  /// The `spec` of the version that serves, in JSON, if that is an earlier one.
  public var servedSpec: String?
  /// Whether an earlier version may serve elsewhere that is not known here.
  public var servesUnknown = false
  /// Whether nothing could be made of all objects together, so that none of them serves here.
  public var isWithoutOthers = false
  /// Whether the object is as it must be, by itself and beside the others.
  public var isAccepted: Bool
  /// Whether everything that it refers to is there.
  public var hasResolvedReferences: Bool
  /// What was found about it: the errors for which it is held back, or warnings.
  public var diagnostics: [Diagnostic]
  /// The addresses that the names of an `EgressRoute` are answered with, unless a rule says others; empty for other kinds.
  public var addresses: [IPAddress]
  /// Why what was made of it could not be published; nil if it was.
  public var notPublished: String?
  /// What came of an `EgressTest`; nil for others, and for one that is not accepted or refers to what is not there.
  public var testResult: PolicyTestResult?

  /// A status of these fields.
  public init(
    key: CustomObject.Key, uid: String, generation: Int64, servedGeneration: Int64?, isAccepted: Bool,
    hasResolvedReferences: Bool, diagnostics: [Diagnostic] = [], addresses: [IPAddress] = [],
    testResult: PolicyTestResult? = nil
  ) {
    self.key = key
    self.uid = uid
    self.generation = generation
    self.servedGeneration = servedGeneration
    self.isAccepted = isAccepted
    self.hasResolvedReferences = hasResolvedReferences
    self.diagnostics = diagnostics
    self.addresses = addresses
    self.testResult = testResult
  }
}

extension SnapshotLoader.Result {
  /// Runs the objects that are tests against a snapshot, which has the pods as they are now.
  public mutating func runTests(in snapshot: Snapshot) {
    let tests = Dictionary((policy?.tests ?? []).map { ($0.name, $0) }) { first, _ in first }
    for index in statuses.indices where statuses[index].key.kind == "EgressTest" {
      let status = statuses[index]
      guard status.isAccepted, status.hasResolvedReferences, let test = tests[status.key.name] else { continue }
      statuses[index].testResult = snapshot.run(test)
    }
  }
}
