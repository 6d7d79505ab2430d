/// What is answered.
struct Answer: Sendable {
  var status: Int
  var headers: [(name: String, value: String)] = []
  var body: Body
  /// Whether it is sent as it was recorded, without the headers that the server adds to its own.
  var isRecorded = false

  /// What follows the headers.
  enum Body: Sendable {
    /// All there is.
    case whole([UInt8])
    /// Events for as long as the client wants them.
    case watch(WatchPlan)
    /// These octets, and no end.
    case endless([UInt8])
  }

  /// An answer of JSON, in lines for curl, as the API server does.
  static func json(_ value: JSON, status: Int = 200, for request: Request) -> Answer {
    let isForCurl = request.header("user-agent")?.hasPrefix("curl") == true || request.query["pretty"] == "true"
    let body = isForCurl ? value.pretty : value.compact + [UInt8(ascii: "\n")]
    return Answer(status: status, headers: [("content-type", MediaType.json)], body: .whole(body))
  }

  /// The answer where the API has nothing: the path leads nowhere, or no CustomResourceDefinition made it.
  static let nothingThere = Answer(
    status: 404,
    headers: [("content-type", "text/plain; charset=utf-8"), ("x-content-type-options", "nosniff")],
    body: .whole(Array("404 page not found\n".utf8)))
}

/// What a watch tells and how.
struct WatchPlan: Sendable {
  let resource: APIResource
  let namespace: String?
  let beginning: ObjectStore.Beginning
  /// Whether the client wants to hear that it knows all until now.
  let wantsBookmarks: Bool
  /// After how many seconds the server ends the watch.
  let seconds: Int?
  let encoding: WatchEncoding
}

/// The media types that are spoken.
enum MediaType {
  static let json = "application/json"
  static let protobuf = "application/vnd.kubernetes.protobuf"
}
