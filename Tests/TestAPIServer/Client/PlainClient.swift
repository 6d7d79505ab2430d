import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL

/// A client that does as it is told and shows what came: one connection a request, no retry, nothing understood.
public struct PlainClient: Sendable {
  private let port: Int
  private let token: String?
  private let speaksHTTP2: Bool
  private let showsCertificate: Bool

  /// A client of the server at a port of 127.0.0.1.
  public init(
    port: Int, token: String? = TestAPIServer.firstToken, speaksHTTP2: Bool = true, showsCertificate: Bool = false
  ) {
    self.port = port
    self.token = token
    self.speaksHTTP2 = speaksHTTP2
    self.showsCertificate = showsCertificate
  }

  /// Sends a request, and gives what came until the answer ended, `isEnough` of the body, or the time was over.
  public func send(
    _ method: String = "GET", _ path: String, headers: [(String, String)] = [], body: String = "",
    seconds: Int64 = 30,
    until isEnough: @escaping @Sendable ([UInt8]) -> Bool = { _ in false }
  ) async throws -> ReceivedAnswer {
    let tls = try NIOSSLContext(configuration: try tlsConfiguration())
    let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { configure($0, tls) }
      .connect(host: "127.0.0.1", port: port).get()
    let deadline = connection.eventLoop.scheduleTask(in: .seconds(seconds)) { connection.close(promise: nil) }
    defer { deadline.cancel() }
    let received = connection.eventLoop.makePromise(of: ReceivedAnswer.self)
    // Of a connection that ends before a stream is made there is no answer; a stream itself hears of the end before this.
    connection.closeFuture.whenComplete { _ in connection.eventLoop.execute { received.succeed(ReceivedAnswer()) } }
    let channel = try await stream(of: connection) {
      AnswerCollector(received, of: connection, until: isEnough)
    }
    channel.write(HTTPClientRequestPart.head(head(method, path, headers, body)), promise: nil)
    channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(string: body))), promise: nil)
    channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    return try await received.futureResult.get()
  }

  private func tlsConfiguration() throws -> TLSConfiguration {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(TestCertificates.authority.utf8)))
    tls.applicationProtocols = [speaksHTTP2 ? "h2" : "http/1.1"]
    guard showsCertificate else { return tls }
    tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(TestCertificates.client.utf8))
      .map { .certificate($0) }
    tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(TestCertificates.clientKey.utf8), format: .pem))
    return tls
  }

  /// Sets a connection up before it is used: the server may speak first.
  private func configure(_ channel: any Channel, _ tls: NIOSSLContext) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(
        NIOSSLClientHandler(context: tls, serverHostname: "localhost"))
    }.flatMap {
      guard speaksHTTP2 else { return channel.pipeline.addHTTPClientHandlers() }
      return channel.configureHTTP2Pipeline(
        mode: .client, connectionConfiguration: .init(), streamConfiguration: .init()
      ) { $0.eventLoop.makeSucceededVoidFuture() }.map { _ in }
    }
  }

  /// The channel that a request is written to: the connection, or a stream of it.
  private func stream(
    of connection: any Channel, _ collector: @escaping @Sendable () -> AnswerCollector
  ) async throws -> any Channel {
    guard speaksHTTP2 else {
      try await connection.eventLoop.submit {
        try connection.pipeline.syncOperations.addHandler(collector())
      }.get()
      return connection
    }
    let multiplexer = try await connection.eventLoop.submit {
      try connection.pipeline.syncOperations.handler(type: NIOHTTP2Handler.self).multiplexer
    }.get().get()
    return try await multiplexer.createStreamChannel { stream in
      stream.eventLoop.makeCompletedFuture {
        let operations = stream.pipeline.syncOperations
        try operations.addHandler(HTTP2FramePayloadToHTTP1ClientCodec(httpProtocol: .https))
        try operations.addHandler(collector())
      }
    }.get()
  }

  private func head(_ method: String, _ path: String, _ headers: [(String, String)], _ body: String)
    -> HTTPRequestHead
  {
    var all = HTTPHeaders(headers)
    all.replaceOrAdd(name: "host", value: "localhost:\(port)")
    all.replaceOrAdd(name: "content-length", value: String(body.utf8.count))
    if let token { all.replaceOrAdd(name: "authorization", value: "Bearer \(token)") }
    return HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method), uri: path, headers: all)
  }
}
