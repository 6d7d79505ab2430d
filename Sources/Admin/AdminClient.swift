import AsyncHTTPClient
import Foundation
import KubernetesAPI
import NIOCore
public import Steering

/// Asks a running server over HTTP.
public struct AdminClient: Sendable {
  /// Why there is no answer.
  public struct Failure: Error, CustomStringConvertible {
    /// Why, and what to do.
    public let description: String
  }

  /// The longest answer that is read, in octets.
  private static let maximumLength = 64 << 20
  /// How long a server has to answer.
  private static let patience = TimeAmount.seconds(10)

  private let server: String

  /// A client of the server at `HOST:PORT`; throws if that is something else.
  public init(_ server: String) throws(Failure) {
    guard let url = URLComponents(string: "http://\(server)"), url.host?.isEmpty == false, url.port != nil,
      url.path.isEmpty, url.user == nil, url.query == nil, url.fragment == nil
    else { throw Failure(description: "'\(server)' is not HOST:PORT; write 127.0.0.1:9153 or [::1]:9153") }
    self.server = server
  }

  /// How the server is, ready or not.
  public func status() async throws(Failure) -> ServerStatus {
    try decode(try await get("/readyz", orStatus: 503) ?? [])
  }

  /// How its proxies are; nil if it runs none, or tells us nothing of them.
  public func proxyStatus<Status: Decodable>(_ type: Status.Type = Status.self) async throws(Failure) -> Status? {
    guard let octets = try await get("/proxy", noneIs: [403, 404]) else { return nil }
    return try decode(octets)
  }

  /// Every metric, as Prometheus reads it.
  public func metrics() async throws(Failure) -> String {
    String(decoding: try await get("/metrics") ?? [], as: UTF8.self)
  }

  /// Explains what a question is about, by the snapshot that the server serves.
  public func explain(_ question: PolicyQuestion) async throws(Failure) -> ServedExplanation {
    var url = URLComponents()
    url.path = "/explain"
    let parameters: [(String, String?)] = [
      ("from", question.from), ("name", question.name), ("type", question.type), ("via", question.via),
      ("connect", question.connect), ("method", question.method), ("packet", question.packet),
    ]
    url.queryItems = parameters.compactMap { name, value in value.map { URLQueryItem(name: name, value: $0) } }
    return try decode(try await get(url.string ?? url.path) ?? [])
  }

  private func decode<Answer: Decodable>(_ octets: [UInt8]) throws(Failure) -> Answer {
    do {
      return try JSONDecoder().decode(Answer.self, from: Data(octets))
    } catch {
      throw Failure(description: "what answers at \(server) is no steer of this version: \(error)")
    }
  }

  /// What is at a path: with status 200 or `other`, or nil with one of `none`; any other status is a failure.
  private func get(
    _ target: String, orStatus other: UInt? = nil, noneIs none: [UInt] = []
  ) async throws(Failure) -> [UInt8]? {
    let (status, octets) = try await answer(to: target)
    if none.contains(status) { return nil }
    guard status == 200 || status == other else {
      struct Refusal: Decodable {
        struct Reason: Decodable { let message: String }
        let error: Reason
      }
      let reason = (try? JSONDecoder().decode(Refusal.self, from: Data(octets)))?.error.message ?? "status \(status)"
      throw Failure(description: "the server at \(server) does not say: \(reason)")
    }
    return octets
  }

  private func answer(to target: String) async throws(Failure) -> (status: UInt, octets: [UInt8]) {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    // Whoever asks wants to know now that nobody is there.
    configuration.connectionPool.retryConnectionEstablishment = false
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    let result: Result<(UInt, [UInt8]), any Error>
    do {
      let response = try await client.execute(
        HTTPClientRequest(url: "http://\(server)\(target)"), timeout: Self.patience)
      let body = try await response.body.collect(upTo: Self.maximumLength)
      result = .success((response.status.code, Array(body.readableBytesView)))
    } catch {
      result = .failure(error)
    }
    try? await client.shutdown()
    do {
      return try result.get()
    } catch {
      throw Failure(
        description: "the server at \(server) cannot be asked: \(ConnectionFault(error)); "
          + "is 'steer serve' running there with --admin?")
    }
  }
}
