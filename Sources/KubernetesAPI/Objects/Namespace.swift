/// A Namespace, as far as it is read.
public struct Namespace: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Which namespace of that name it is.
  public var uid: String
  /// Its labels.
  public var labels: [String: String]

  /// A namespace of these fields.
  public init(name: String, uid: String, labels: [String: String]) {
    self.name = name
    self.uid = uid
    self.labels = labels
  }
}
