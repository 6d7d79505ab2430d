/// A request to the API server.
struct Request: Sendable {
  var method: KubernetesClient.Method = .get
  var path: String
  var query: [(name: String, value: String)] = []
  /// The media types that the answer may have, the preferred one first.
  var accepted: [String] = [MediaType.json]
  var contentType: String?
  var body: [UInt8]?
}

/// An answer's status and what its headers say.
struct ResponseHead: Sendable {
  var status: Int
  var mediaType: String
  var retryAfter: Duration?
}
