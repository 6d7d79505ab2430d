import AsyncHTTPClient
public import Logging
import NIOCore
import Synchronization

/// A client of one API server: its connections, its trust, our credentials.
public final class KubernetesClient: Sendable {
  /// How long things may take, and how large they may be.
  public struct Settings: Sendable {
    /// How long a connection may take.
    public var connectTimeout: Duration = .seconds(10)
    /// How long a whole answer may take, a watch's excepted.
    public var requestTimeout: Duration = .seconds(60)
    /// How long an answer may be silent before its end: bookmarks come about every minute.
    public var silence: Duration = .seconds(180)
    /// How many octets an answer may have, a watch's excepted.
    public var answerSize = 64 << 20

    /// The settings for a cluster.
    public init() {}
  }

  /// The access that it uses.
  public let access: ClusterAccess
  let settings: Settings
  let logger: Logger

  private let endpoint: Endpoint
  private let tokens: TokenReader?
  private let connections: Mutex<HTTPClient>

  /// A client by `access`; nothing is connected until the first request.
  ///
  /// What it trusts and its certificate are those of now; only tokens are read anew.
  public init(_ access: ClusterAccess, settings: Settings = Settings(), logger: Logger) throws(ClusterAccessError) {
    self.access = access
    self.settings = settings
    self.logger = logger
    endpoint = try Endpoint(access, settings: settings)
    tokens = access.credentials.token.map(TokenReader.init)
    connections = Mutex(HTTPClient(configuration: endpoint.configuration))
  }

  deinit {
    connections.withLock { $0.shutdown { _ in } }
  }

  /// Closes the connections, and with them what is asked now; what is asked later fails.
  public func shutdown() async {
    // It fails only if it was shut down before.
    try? await connections.withLock { $0 }.shutdown()
  }

  /// Sends a request and has `read` read the answer while it comes.
  ///
  /// An answer that is silent for too long is given up, and with it the connection it came by: others on it would be
  /// silent as well.
  func ask<Outcome>(
    _ request: Request, _ read: (ResponseHead, HTTPClientResponse.Body) async throws -> Outcome
  ) async throws(RequestFault) -> Outcome {
    let client = connections.withLock { $0 }
    do {
      let response = try await client.execute(
        try prepared(request), timeout: TimeAmount(settings.requestTimeout), logger: nil)
      return try await read(ResponseHead(response), response.body)
    } catch let fault as RequestFault {
      throw fault
    } catch let fault as DecodingFault {
      throw .malformed(fault.description)
    } catch let error as HTTPClientError where error == .readTimeout || error == .deadlineExceeded {
      renew(client)
      throw .unreachable("the API server at \(access.server) is silent")
    } catch {
      throw .unreachable("the API server at \(access.server) cannot be heard: \(error)")
    }
  }

  /// Sends a request and takes the whole answer.
  func askWhole(_ request: Request) async throws(RequestFault) -> (head: ResponseHead, body: [UInt8]) {
    let client = connections.withLock { $0 }
    let limit = settings.answerSize
    do {
      let answer = try await within(settings.requestTimeout) {
        try await self.ask(request) { head, body in
          do {
            return (head: head, body: Array(buffer: try await body.collect(upTo: limit)))
          } catch is NIOTooManyBytesError {
            throw RequestFault.tooLarge(limit)
          }
        }
      }
      if let answer { return answer }
    } catch let fault as RequestFault {
      throw fault
    } catch {
      throw .unreachable("\(error)")
    }
    renew(client)
    throw .unreachable("the API server at \(access.server) gave no whole answer within \(settings.requestTimeout)")
  }

  /// Replaces the connections, unless that has been done since `client` was used.
  private func renew(_ client: HTTPClient) {
    let isReplaced = connections.withLock { current in
      guard current === client else { return false }
      current = HTTPClient(configuration: endpoint.configuration)
      return true
    }
    if isReplaced { client.shutdown { _ in } }
  }

  private func prepared(_ request: Request) throws(RequestFault) -> HTTPClientRequest {
    var prepared = HTTPClientRequest(url: endpoint.base + URLText.target(request.path, query: request.query))
    prepared.method = .init(rawValue: request.method.rawValue)
    prepared.headers.add(name: "Accept", value: request.accepted.joined(separator: ","))
    prepared.headers.add(name: "User-Agent", value: "steer")
    if let tokens {
      do {
        prepared.headers.add(name: "Authorization", value: "Bearer \(try tokens.token())")
      } catch {
        throw .unreachable(error.description)
      }
    }
    if let contentType = request.contentType { prepared.headers.add(name: "Content-Type", value: contentType) }
    if let body = request.body { prepared.body = .bytes(body) }
    return prepared
  }
}

extension ResponseHead {
  init(_ response: HTTPClientResponse) {
    self.init(
      status: Int(response.status.code), mediaType: response.headers.first(name: "Content-Type") ?? "",
      retryAfter: response.headers.first(name: "Retry-After").flatMap(Int.init).flatMap(Refusal.retryAfter(seconds:)))
  }
}
