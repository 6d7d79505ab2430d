/// An error as the API server says it: a `Status` object.
public struct StatusError: Error, Sendable {
  let code: Int
  let reason: String
  let message: String
  var details: JSON?
  /// `Retry-After`, in seconds.
  var retryAfter: Int?
  /// A token with which a list can be read on, if with newer objects than those of its beginning.
  var continuation: String?

  /// The `Status`.
  var status: JSON {
    var metadata: JSON = [:]
    if let continuation { metadata["continue"] = .string(continuation) }
    var status: JSON = [
      "kind": "Status", "apiVersion": "v1", "metadata": metadata, "status": "Failure", "message": .string(message),
      "reason": .string(reason),
    ]
    status["details"] = details
    status["code"] = .number(String(code))
    return status
  }

  func answer(to request: Request) -> Answer {
    var answer = Answer.json(status, status: code, for: request)
    if let retryAfter { answer.headers.append(("retry-after", String(retryAfter))) }
    if code == 403 { answer.headers.append(("x-content-type-options", "nosniff")) }
    return answer
  }

  // MARK: The errors of the API server, in its words

  static let unauthorized = StatusError(code: 401, reason: "Unauthorized", message: "Unauthorized")

  static func forbidden(_ call: APICall, user: String) -> StatusError {
    let scope = call.namespace.map { "in the namespace \"\($0)\"" } ?? "at the cluster scope"
    let resource = call.resource.plural + (call.isStatus ? "/status" : "")
    let kind = call.resource.plural
    var details: JSON = [:]
    if let name = call.name { details["name"] = .string(name) }
    if !call.resource.group.isEmpty { details["group"] = .string(call.resource.group) }
    details["kind"] = .string(kind)
    let subject = call.resource.qualifiedName + (call.name.map { " \"\($0)\"" } ?? "")
    return StatusError(
      code: 403, reason: "Forbidden",
      message: """
        \(subject) is forbidden: User "\(user)" cannot \(call.verb.rawValue) resource "\(resource)" in API group \
        "\(call.resource.group)" \(scope)
        """,
      details: details)
  }

  static func notFound(_ resource: APIResource, _ name: String) -> StatusError {
    StatusError(
      code: 404, reason: "NotFound", message: "\(resource.qualifiedName) \"\(name)\" not found",
      details: details(resource, name))
  }

  static func alreadyExists(_ resource: APIResource, _ name: String) -> StatusError {
    StatusError(
      code: 409, reason: "AlreadyExists", message: "\(resource.qualifiedName) \"\(name)\" already exists",
      details: details(resource, name))
  }

  static func conflict(_ resource: APIResource, _ name: String) -> StatusError {
    StatusError(
      code: 409, reason: "Conflict",
      message: """
        Operation cannot be fulfilled on \(resource.qualifiedName) "\(name)": the object has been modified; please \
        apply your changes to the latest version and try again
        """,
      details: details(resource, name))
  }

  static func badRequest(_ message: String) -> StatusError {
    StatusError(code: 400, reason: "BadRequest", message: message)
  }

  static func invalid(_ resource: APIResource, _ name: String, _ message: String) -> StatusError {
    StatusError(
      code: 422, reason: "Invalid", message: "\(resource.kind).\(resource.group) \"\(name)\" is invalid: \(message)",
      details: details(resource, name))
  }

  /// That the parameters of a request are wrong.
  static func invalid(_ kind: String, group: String, _ message: String) -> StatusError {
    StatusError(
      code: 422, reason: "Invalid", message: "\(kind).\(group) \"\" is invalid: \(message)",
      details: ["group": .string(group), "kind": .string(kind)])
  }

  static func expired(_ message: String, continuation: String? = nil) -> StatusError {
    StatusError(code: 410, reason: "Expired", message: message, continuation: continuation)
  }

  static let notAcceptable = StatusError(
    code: 406, reason: "NotAcceptable",
    message: "only the following media types are accepted: application/json, application/vnd.kubernetes.protobuf")

  static let unsupportedMediaType = StatusError(
    code: 415, reason: "UnsupportedMediaType", message: "the body of the request was in an unknown format")

  private static func details(_ resource: APIResource, _ name: String) -> JSON {
    var details: JSON = ["name": .string(name)]
    if !resource.group.isEmpty { details["group"] = .string(resource.group) }
    details["kind"] = .string(resource.plural)
    return details
  }
}
