public import KubernetesAPI

/// A request for one object of the Kubernetes API.
public struct APIRequest: Sendable, Hashable {
  /// The method.
  public var method: KubernetesClient.Method
  /// The path.
  public var path: String
  /// The query's fields.
  public var query: [String: String] = [:]
  /// The kind of the body.
  public var contentType = "application/json"
  /// The body, if there is one.
  public var body: [UInt8]?
}

/// Where requests for single objects go: a client of the API server, or a test's own.
public protocol APIRequests: Sendable {
  /// Sends a request and takes the whole answer, whatever its status; ends early when it is cancelled.
  func send(_ request: APIRequest) async throws -> KubernetesClient.Answer
}

extension KubernetesClient: APIRequests {
  /// Sends a request and takes the whole answer, whatever its status.
  public func send(_ request: APIRequest) async throws -> Answer {
    let query = request.query.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
    return try await send(
      request.method, request.path, query: query, contentType: request.contentType, body: request.body)
  }
}
