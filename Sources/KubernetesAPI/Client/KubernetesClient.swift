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

  /// How the server is reached, and the connections to it.
  fileprivate struct Line: Sendable {
    let access: ClusterAccess
    let endpoint: Endpoint
    let tokens: TokenReader?
    let connections: HTTPClient

    init(_ access: ClusterAccess, _ settings: Settings) throws(ClusterAccessError) {
      self.access = access
      endpoint = try Endpoint(access, settings: settings)
      tokens = access.credentials.token.map(TokenReader.init)
      connections = HTTPClient(configuration: endpoint.configuration)
    }
  }

  let settings: Settings
  let logger: Logger

  private let source: @Sendable () throws(ClusterAccessError) -> ClusterAccess
  private let line: Mutex<Line>

  /// A client by the access that `source` gives; nothing is connected until the first request.
  ///
  /// The source is asked again whenever the server cannot be reached or does not know us: certificate authorities and our
  /// own certificate are replaced in their files. Tokens are read for every request.
  public init(
    settings: Settings = Settings(), logger: Logger,
    _ source: @escaping @Sendable () throws(ClusterAccessError) -> ClusterAccess
  ) throws(ClusterAccessError) {
    self.settings = settings
    self.logger = logger
    self.source = source
    line = Mutex(try Line(try source(), settings))
  }

  /// A client by `access`, whose tokens alone are read anew.
  public convenience init(
    _ access: ClusterAccess, settings: Settings = Settings(), logger: Logger
  ) throws(ClusterAccessError) {
    try self.init(settings: settings, logger: logger) { () throws(ClusterAccessError) in access }
  }

  deinit {
    line.withLock { $0.connections.shutdown { _ in } }
  }

  /// The access that it uses.
  public var access: ClusterAccess { line.withLock { $0.access } }

  /// Closes the connections, and with them what is asked now; what is asked later fails.
  public func shutdown() async {
    // It fails only if it was shut down before.
    try? await line.withLock { $0.connections }.shutdown()
  }

  /// Sends a request and has `read` read the answer while it comes.
  ///
  /// An answer that is silent for too long is given up, and with it the connection it came by: others on it would be
  /// silent as well.
  func ask<Outcome>(
    _ request: Request, _ read: (ResponseHead, HTTPClientResponse.Body) async throws -> Outcome
  ) async throws(RequestFault) -> Outcome {
    let line = line.withLock { $0 }
    let prepared: HTTPClientRequest
    do {
      prepared = try line.prepared(request)
    } catch {
      // The token may be in another file by now.
      followAccess(line)
      throw error
    }
    do {
      let response = try await line.connections.execute(
        prepared, timeout: TimeAmount(settings.requestTimeout), logger: nil)
      if response.status == .unauthorized { followAccess(line) }
      return try await read(ResponseHead(response), response.body)
    } catch let fault as RequestFault {
      throw fault
    } catch let fault as DecodingFault {
      throw .malformed(fault.description)
    } catch let error as HTTPClientError where error == .readTimeout || error == .deadlineExceeded {
      renew(line, line.access)
      throw .unreachable("the API server at \(line.access.server) is silent")
    } catch {
      followAccess(line)
      let fault = ConnectionFault(error)
      throw .unreachable(
        "the API server at \(line.access.server) cannot be heard: \(fault)\(fault.remedy.map { "; \($0)" } ?? "")")
    }
  }

  /// Sends a request and takes the whole answer.
  func askWhole(_ request: Request) async throws(RequestFault) -> (head: ResponseHead, body: [UInt8]) {
    let line = line.withLock { $0 }
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
    renew(line, line.access)
    throw .unreachable(
      "the API server at \(line.access.server) gave no whole answer within \(settings.requestTimeout)")
  }

  /// Connects anew if the access has become another since `line` was used; one that cannot be read is waited for.
  private func followAccess(_ line: Line) {
    // Never another server: a kubeconfig may be told to lead to another cluster, and its objects are not this one's.
    guard let access = try? source(), access != line.access, access.server == line.access.server, renew(line, access)
    else { return }
    logger.info(
      "connecting anew: how the API server is reached has changed", metadata: ["server": "\(access.server)"])
  }

  /// Replaces the connections by such of an access, unless that has been done since `line` was used; whether it did.
  @discardableResult
  private func renew(_ old: Line, _ access: ClusterAccess) -> Bool {
    guard let new = try? Line(access, settings) else { return false }
    let isReplaced = line.withLock { current in
      guard current.connections === old.connections else { return false }
      current = new
      return true
    }
    (isReplaced ? old : new).connections.shutdown { _ in }
    return isReplaced
  }
}

extension KubernetesClient.Line {
  fileprivate func prepared(_ request: Request) throws(RequestFault) -> HTTPClientRequest {
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
