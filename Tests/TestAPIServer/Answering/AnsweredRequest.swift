/// A request that came, and how it was answered.
public struct AnsweredRequest: Sendable {
  /// What it wanted; nil if the API has nothing at its path.
  public let verb: APIVerb?
  /// Of which resource.
  public let resource: APIResource?
  /// The method of HTTP.
  public let method: String
  /// The path, such as `/api/v1/pods`.
  public let path: String
  /// The query.
  public let query: [String: String]
  /// The headers, named in small letters; the token is among them.
  public let headers: [String: String]
  /// The body.
  public let body: [UInt8]
  /// The status of HTTP; nil if there was no answer.
  public let status: Int?

  init(_ request: Request, status: Int?) {
    let call = APICall(request)
    verb = call?.verb
    resource = call?.resource
    method = request.method
    path = "/" + request.path.joined(separator: "/")
    query = request.query
    headers = request.headers
    body = request.body
    self.status = status
  }
}
