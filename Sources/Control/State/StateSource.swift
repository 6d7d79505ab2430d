public import KubernetesAPI

/// Where what is kept comes from.
public protocol StateSource: Sendable {
  /// What the server serves from.
  associatedtype Inputs: Encodable & Equatable & Sendable

  /// What was accepted last, and how many seconds ago the API server was heard to have it so; nil if nothing was
  /// accepted since the start.
  func acceptedInputs() async -> (inputs: Inputs, age: Double)?
  /// The pods; nil if they are not known completely.
  func pods() async -> KnownPods?
}

/// The pods as they are known at a time.
public struct KnownPods: Sendable {
  /// The pods.
  public var pods: any Sequence<Pod> & Sendable
  /// A number that is another after each change.
  public var version: UInt64
  /// How many seconds ago they were known to be so: since the API server was heard.
  public var age: Double

  /// Pods of a version and an age.
  public init(_ pods: any Sequence<Pod> & Sendable, version: UInt64, age: Double) {
    self.pods = pods
    self.version = version
    self.age = age
  }
}
