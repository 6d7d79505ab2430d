import Foundation
import KubernetesAPI

/// Why a request came to nothing.
enum APIFault: Error, Equatable {
  /// The server could not be asked, in words for a log.
  case unanswered(String)
  /// The server refused: its HTTP status and its message.
  case refused(Int, String)

  /// The refusal that an answer is.
  init(_ answer: KubernetesClient.Answer) {
    struct Status: Decodable { var message: String? }
    let message = try? JSONDecoder().decode(Status.self, from: Data(answer.body)).message
    self = .refused(answer.status, (message ?? "").bounded(to: 512))
  }

  /// Whether the same request may be answered later: it was not the request that was wrong.
  var isPassing: Bool {
    switch self {
    case .unanswered: true
    case .refused(let status, _): status == 401 || status == 403 || status == 429 || status >= 500
    }
  }

  /// Whether a request about any other object would fail as this one did.
  ///
  /// 403 and 500 may be one object's own: an admission webhook says so of what it does not take, or fails at.
  var concernsAll: Bool {
    switch self {
    case .unanswered: true
    case .refused(let status, _): status == 401 || status == 429
    }
  }

  /// What to do about it: `verbs` of `resource` are what must be allowed.
  func remedy(verbs: String, of resource: String) -> String {
    switch self {
    case .refused(403, _): "allow Steer's service account to \(verbs) \(resource)"
    case .refused(401, _): "see whether Steer's token is one of this cluster and has not run out"
    case .unanswered, .refused: "it is tried again"
    }
  }
}

extension APIFault: CustomStringConvertible {
  var description: String {
    switch self {
    case .unanswered(let reason): reason
    case .refused(let status, let message): message.isEmpty ? "HTTP \(status)" : "HTTP \(status): \(message)"
    }
  }
}

extension APIRequests {
  /// How long an answer may take: shorter than a leader leads without a renewal.
  static var patience: Duration { .seconds(5) }

  /// Sends a request; all that can go wrong is a fault.
  func answer(to request: APIRequest) async throws(APIFault) -> KubernetesClient.Answer {
    do {
      return try await withThrowingTaskGroup(of: KubernetesClient.Answer?.self) { group in
        group.addTask { try await send(request) }
        group.addTask {
          // Not to wait for something, but to wait for it no longer.
          try await Task.sleep(for: Self.patience)
          return nil
        }
        defer { group.cancelAll() }
        guard let answer = try await group.next() ?? nil else { throw APIFault.unanswered("no answer in 5 s") }
        return answer
      }
    } catch let fault as APIFault {
      throw fault
    } catch {
      throw .unanswered("\(error)".bounded(to: 512))
    }
  }
}
