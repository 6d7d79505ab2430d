/// Why nothing can be rendered for the proxies, and what to do about it.
public struct ProxyRenderingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kinds of reasons; tests compare these, not the prose.
  public enum Code: String, Sendable {
    case noListener, tooManyListeners, notWritable, methodNotWritable, parentNotWritable, routeNotWritable
    case noSource, openProxy, unknownParent
    case badSelector, servicePortClash, badServiceName, parentWithoutAddress
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
