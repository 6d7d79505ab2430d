/// A file of policy or inventory documents, YAML or JSON, as read.
public struct PolicyFile: Sendable {
  /// The path as given; diagnostics and relative zone files start from it.
  public var path: String
  /// The content.
  public var text: String

  /// A file's path and content.
  public init(path: String, text: String) {
    self.path = path
    self.text = text
  }
}

/// Documents → validated policy: decodes every document, then checks them against each other.
public enum PolicyLoader {
  /// The policy of `files`, or nil if any finding is an error; every finding is returned, by place.
  public static func load(_ files: [PolicyFile]) -> (policy: PolicySet?, diagnostics: [Diagnostic]) {
    (nil, [])
  }
}
