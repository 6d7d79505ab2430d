/// Who may do what.
struct Access: Sendable {
  /// A rule that forbids.
  struct Denial: Hashable, Sendable {
    let verb: APIVerb
    let resource: APIResource
    let isStatus: Bool
  }

  /// The name of each user by the token.
  var users: [String: String]
  /// What no user may do.
  var denials: Set<Denial> = []

  /// The user that a certificate names.
  static let certificateUser = "steer-operator"
  private static let anonymous = "system:anonymous"

  /// Lets a request pass or says why not.
  func check(_ request: Request, _ call: APICall?) throws(StatusError) {
    let user = try user(of: request)
    guard let call else { return }
    let denial = Denial(verb: call.verb, resource: call.resource, isStatus: call.isStatus)
    if user == Self.anonymous || denials.contains(denial) { throw .forbidden(call, user: user) }
  }

  private func user(of request: Request) throws(StatusError) -> String {
    guard let header = request.header("authorization") else {
      return request.hasCertificate ? Self.certificateUser : Self.anonymous
    }
    guard header.hasPrefix("Bearer "), let user = users[String(header.dropFirst("Bearer ".count))] else {
      throw .unauthorized
    }
    return user
  }
}
