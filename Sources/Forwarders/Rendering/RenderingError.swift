/// Why no configuration can be rendered, and what to do about it.
public struct RenderingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kinds of reasons; tests compare these, not the prose.
  public enum Code: String, Sendable {
    case noZone, unknownZone, nameNotWritable, methodNotCarried, sourceNotListed, noTrustedForwarder, noServer
    case tooManyServers, portMissing, addressUnspecified, serverTwice, noViews, badNamespace, zoneInClusterDomain
  }

  /// The kind.
  public let code: Code
  /// The reason and its remedy.
  public let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
