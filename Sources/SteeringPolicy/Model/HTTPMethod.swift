/// The HTTP methods that a policy may name (RFC 9110 §9, RFC 5789).
enum HTTPMethod: String, CaseIterable {
  case connect = "CONNECT"
  case delete = "DELETE"
  case get = "GET"
  case head = "HEAD"
  case options = "OPTIONS"
  case patch = "PATCH"
  case post = "POST"
  case put = "PUT"
  case trace = "TRACE"
}
