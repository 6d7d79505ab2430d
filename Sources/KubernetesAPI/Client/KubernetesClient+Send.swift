extension KubernetesClient {
  /// A request's method.
  public enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
  }

  /// An answer.
  public struct Answer: Sendable, Equatable {
    /// The HTTP status.
    public var status: Int
    /// The body.
    public var body: [UInt8]
    /// How long to wait before the next attempt, if the server says so.
    public var retryAfter: Duration?

    /// An answer of these parts.
    public init(status: Int, body: [UInt8], retryAfter: Duration? = nil) {
      self.status = status
      self.body = body
      self.retryAfter = retryAfter
    }
  }

  /// Sends a request and takes the whole answer, whatever its status; throws only if there is none.
  public func send(
    _ method: Method, _ path: String, query: [(name: String, value: String)] = [],
    contentType: String = "application/json", body: [UInt8]? = nil
  ) async throws(KubernetesError) -> Answer {
    let request = Request(
      method: method, path: path, query: query, contentType: body == nil ? nil : contentType, body: body)
    do {
      let answer = try await askWhole(request)
      return Answer(status: answer.head.status, body: answer.body, retryAfter: answer.head.retryAfter)
    } catch {
      throw KubernetesError(error.description)
    }
  }
}
