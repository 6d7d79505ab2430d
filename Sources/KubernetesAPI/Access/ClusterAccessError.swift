/// Why there is no access to a cluster, with the place and the remedy.
public struct ClusterAccessError: Error, Equatable, CustomStringConvertible {
  /// What is wrong where, and what to do about it.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
