import Foundation
import KubernetesAPI
import Synchronization

@testable import Control

/// Objects behind the few requests that leader election and status make, answered as an API server does, in process.
final class FakeObjects: APIRequests {
  /// The error of a server that cannot be reached.
  struct Unreachable: Error {}

  private struct State {
    var objects: [String: [String: Any]] = [:]
    var version = 100
    var requests: [APIRequest] = []
    var fault: (@Sendable (APIRequest) throws -> KubernetesClient.Answer?)?
  }

  private let state = Mutex(State())

  /// The requests until now.
  var requests: [APIRequest] { state.withLock { $0.requests } }

  /// Answers otherwise, or not at all, from now on; nil from the closure is the usual answer.
  func fail(_ fault: (@Sendable (APIRequest) throws -> KubernetesClient.Answer?)?) {
    state.withLock { $0.fault = fault }
  }

  /// The object at a path, as JSON with sorted keys.
  func json(_ path: String) -> String? {
    state.withLock { state in state.objects[path].map { String(decoding: Self.octets($0), as: UTF8.self) } }
  }

  /// Puts an object at a path, whatever was there.
  func put(_ path: String, _ json: String) {
    state.withLock { state in
      let object = try? JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
      state.objects[path] = Self.versioned(object ?? [:], &state.version)
    }
  }

  /// Removes the object at a path.
  func remove(_ path: String) { state.withLock { $0.objects[path] = nil } }

  func send(_ request: APIRequest) async throws -> KubernetesClient.Answer {
    try state.withLock { state in
      state.requests.append(request)
      if let answer = try state.fault?(request) { return answer }
      let body = request.body.flatMap { try? JSONSerialization.jsonObject(with: Data($0)) as? [String: Any] } ?? [:]
      let metadata = body["metadata"] as? [String: Any] ?? [:]
      switch request.method {
      case .get: return Self.answer(200, state.objects[request.path])
      case .post:
        let path = "\(request.path)/\(metadata["name"] ?? "")"
        guard state.objects[path] == nil else { return Self.conflict }
        state.objects[path] = Self.versioned(body, &state.version)
        return Self.answer(201, state.objects[path])
      case .put:
        let old = state.objects[request.path]?["metadata"] as? [String: Any]
        guard let old else { return Self.answer(404, nil) }
        guard old["resourceVersion"] as? String == metadata["resourceVersion"] as? String else {
          return Self.conflict
        }
        state.objects[request.path] = Self.versioned(body, &state.version)
        return Self.answer(200, state.objects[request.path])
      case .delete: return KubernetesClient.Answer(status: 405, body: [])
      case .patch:
        let isStatus = request.path.hasSuffix("/status")
        let path = isStatus ? String(request.path.dropLast("/status".count)) : request.path
        guard var object = state.objects[path] else { return Self.answer(404, nil) }
        if isStatus {
          let uid = (object["metadata"] as? [String: Any])?["uid"] as? String
          guard uid == metadata["uid"] as? String else { return Self.conflict }
          object["status"] = Self.applied(body["status"] as? [String: Any] ?? [:], to: object["status"])
        } else {
          object.merge(body) { $1 }
        }
        state.objects[path] = Self.versioned(object, &state.version)
        return Self.answer(200, state.objects[path])
      }
    }
  }

  private static let conflict = KubernetesClient.Answer(status: 409, body: Array(#"{"message":"Conflict"}"#.utf8))

  private static func answer(_ status: Int, _ object: [String: Any]?) -> KubernetesClient.Answer {
    guard let object else {
      return KubernetesClient.Answer(status: 404, body: Array(#"{"message":"not found"}"#.utf8))
    }
    return KubernetesClient.Answer(status: status, body: [UInt8](octets(object)))
  }

  private static func octets(_ object: [String: Any]) -> Data {
    (try? JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])) ?? Data()
  }

  private static func versioned(_ object: [String: Any], _ version: inout Int) -> [String: Any] {
    var object = object
    var metadata = object["metadata"] as? [String: Any] ?? [:]
    version += 1
    metadata["resourceVersion"] = "\(version)"
    object["metadata"] = metadata
    return object
  }

  /// A status after a server-side apply by its only manager: conditions are merged by type, the rest is replaced.
  private static func applied(_ new: [String: Any], to old: Any?) -> [String: Any] {
    let conditions = new["conditions"] as? [[String: Any]] ?? []
    let types = Set(conditions.compactMap { $0["type"] as? String })
    let others = ((old as? [String: Any])?["conditions"] as? [[String: Any]] ?? [])
      .filter { !types.contains($0["type"] as? String ?? "") }
    var status = new
    status["conditions"] = others + conditions
    return status
  }
}
