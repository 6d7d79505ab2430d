/// An object of a custom resource, whole.
public struct CustomObject: Hashable, Codable, Sendable {
  /// Which object: kind and name; custom resources that are read are cluster-scoped.
  public struct Key: Hashable, Codable, Sendable, Comparable {
    /// The kind, such as `EgressRoute`.
    public var kind: String
    /// The name.
    public var name: String

    /// A key of kind and name.
    public init(kind: String, name: String) {
      self.kind = kind
      self.name = name
    }

    /// By kind, then name.
    public static func < (left: Key, right: Key) -> Bool { (left.kind, left.name) < (right.kind, right.name) }
  }

  /// Kind and name.
  public var key: Key
  /// Which object of that name it is.
  public var uid: String
  /// The version that it is of.
  public var resourceVersion: String
  /// `metadata.generation`: counts changes of the spec.
  public var generation: Int64
  /// When it was made, in seconds since 1970.
  public var created: Int64
  /// The whole object, as JSON.
  public var json: String

  /// An object of these fields.
  public init(key: Key, uid: String, resourceVersion: String, generation: Int64, created: Int64, json: String) {
    self.key = key
    self.uid = uid
    self.resourceVersion = resourceVersion
    self.generation = generation
    self.created = created
    self.json = json
  }
}
