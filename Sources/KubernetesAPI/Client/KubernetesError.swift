/// Why a request had no answer.
public struct KubernetesError: Error, Equatable, CustomStringConvertible {
  /// What happened, in words for a log.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
