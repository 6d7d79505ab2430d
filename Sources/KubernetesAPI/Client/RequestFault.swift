/// Why a request has not given what it was to give.
enum RequestFault: Error {
  /// The server answered, but with no.
  case refused(Refusal)
  /// The server could not be reached, or not be heard to the end.
  case unreachable(String)
  /// The server answered something else than was asked for.
  case malformed(String)
  /// The answer is larger than may be; this is the limit in octets.
  case tooLarge(Int)
}

/// The server's no: Kubernetes' `Status`, or what there is of it.
struct Refusal: Equatable, Sendable {
  /// The HTTP status, or that of the `Status` object in a stream.
  var code: Int
  /// In one word, such as `Expired`.
  var reason: String
  /// In a sentence.
  var message: String
  /// How long to wait before the next attempt, if it says so.
  var retryAfter: Duration?

  /// Longest time that a server is waited for because it says so.
  static let longestRetryAfter: Duration = .seconds(60)

  /// The version that was asked from is known no more, or a list's `continue` is.
  var isExpired: Bool { code == 410 || reason == "Expired" || reason == "Gone" }

  /// The version that was asked from is none that the server has had: it was set back to an older state.
  var isOfTheFuture: Bool { message.contains("Too large resource version") }

  static func retryAfter(seconds: Int) -> Duration? {
    seconds > 0 ? min(.seconds(seconds), longestRetryAfter) : nil
  }
}

extension Refusal {
  /// A `Status` object's JSON.
  struct Status: Decodable {
    struct Details: Decodable {
      var retryAfterSeconds: Int?
    }

    var code: Int?
    var reason: String?
    var message: String?
    var details: Details?
  }

  /// The refusal of a `Status` object in JSON.
  init(_ status: Status) {
    self.init(
      code: status.code ?? 0, reason: status.reason ?? "", message: status.message ?? "",
      retryAfter: Self.retryAfter(seconds: status.details?.retryAfterSeconds ?? 0))
  }

  /// The refusal of a `Status` object in protobuf.
  init(_ status: WireStatus) {
    self.init(
      code: Int(status.code), reason: status.reason, message: status.message,
      retryAfter: Self.retryAfter(seconds: Int(status.details.retryAfterSeconds)))
  }

  /// The refusal of an answer with another status than 200.
  ///
  /// Proxies before the server answer in plain text or HTML, so what is no `Status` is told as it is.
  init(status: Int, mediaType: String, retryAfter: Duration?, body: [UInt8]) {
    var refusal: Refusal
    if mediaType.hasPrefix(MediaType.protobuf), let message: WireStatus = try? ProtobufEnvelope.decode(body) {
      refusal = Refusal(message)
    } else if mediaType.hasPrefix(MediaType.json), let message = try? JSON.decode(Status.self, body) {
      refusal = Refusal(message)
    } else {
      refusal = Refusal(code: status, reason: "", message: String(decoding: body.prefix(512), as: UTF8.self))
    }
    refusal.code = status
    refusal.retryAfter = retryAfter ?? refusal.retryAfter
    self = refusal
  }
}

extension Refusal: CustomStringConvertible {
  var description: String {
    let words = [reason, String(message.prefix(512))].filter { !$0.isEmpty }.joined(separator: ": ")
    return words.isEmpty ? "\(code)" : "\(code) \(words)"
  }
}

extension RequestFault: CustomStringConvertible {
  var description: String {
    switch self {
    case .refused(let refusal): "the API server answers \(refusal)"
    case .unreachable(let reason): reason
    case .malformed(let reason): "the API server's answer cannot be read: \(reason)"
    case .tooLarge(let limit): "the API server's answer is larger than \(limit) octets"
    }
  }
}
