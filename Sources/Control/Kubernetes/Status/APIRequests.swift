/// A request for one object of the Kubernetes API.
public struct APIRequest: Sendable, Hashable {
  /// The methods that are used.
  public enum Method: String, Sendable {
    /// Reads.
    case get = "GET"
    /// Makes.
    case post = "POST"
    /// Replaces.
    case put = "PUT"
    /// Changes parts.
    case patch = "PATCH"
  }

  /// The method.
  public var method: Method
  /// The path, with its names as they are: nothing in it needs to be escaped.
  public var path: String
  /// The query's fields, as they are.
  public var query: [String: String] = [:]
  /// The kind of the body.
  public var contentType = "application/json"
  /// The body, if there is one.
  public var body: [UInt8]?
}

/// What the API server answered, an error of its own too.
public struct APIResponse: Sendable {
  /// The HTTP status.
  public var status: Int
  /// The body, whole.
  public var body: [UInt8]

  /// An answer of a status and a body.
  public init(status: Int, body: [UInt8] = []) {
    self.status = status
    self.body = body
  }
}

/// Where requests for single objects go: a client of the API server, or a test's own.
public protocol APIRequests: Sendable {
  /// Sends a request; throws if it was not answered within a time that the sender bounds.
  func send(_ request: APIRequest) async throws -> APIResponse
}
