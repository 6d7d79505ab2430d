/// What goes wrong with an answer.
public enum Fault: Sendable {
  /// It is another than the server would give.
  case answers(RecordedAnswer)
  /// It never comes.
  case staysSilent
  /// The connection drops after so many octets of the body.
  case drops(afterOctets: Int)
  /// The body comes in small parts.
  case sends(octetsAtOnce: Int, everyMilliseconds: Int64)
  /// The watch begins, and nothing comes, not even a bookmark.
  case tellsNothing
  /// The watch tells that all is known, though it is not: bookmarks come, events do not.
  case tellsBookmarksOnly
  /// The watch tells each event twice.
  case tellsTwice
  /// The watch tells each two events that come together in the wrong order.
  case tellsInWrongOrder
  /// The watch begins with the event ERROR: the revision is too old.
  case isExpired

  /// A refusal with a status of the API server's.
  public static func refuses(_ code: Int, reason: String, message: String, retryAfter: Int? = nil) -> Fault {
    let error = StatusError(code: code, reason: reason, message: message, retryAfter: retryAfter)
    var headers = [("content-type", MediaType.json)]
    if let retryAfter { headers.append(("retry-after", String(retryAfter))) }
    return .answers(RecordedAnswer(status: code, headers: headers, body: error.status.compact))
  }

  /// Too many requests: priority and fairness sends the client away for a while.
  public static func tooManyRequests(retryAfter: Int) -> Fault {
    .refuses(
      429, reason: "TooManyRequests", message: "Too many requests, please try again later.", retryAfter: retryAfter)
  }

  /// The server failed.
  public static let internalError = Fault.refuses(500, reason: "InternalError", message: "Internal error occurred")
}

/// A fault and which requests it befalls.
struct PlannedFault: Sendable {
  let fault: Fault
  let verb: APIVerb?
  let resource: APIResource?
  /// How many requests it still befalls; nil for all.
  var times: Int?

  func befalls(_ call: APICall?) -> Bool {
    (verb == nil || verb == call?.verb) && (resource == nil || resource == call?.resource) && times != 0
  }
}
