import NIOCore
import NIOHTTP2
import NIOPosix
import NIOSSL
import Synchronization

/// Accepts connections and knows which there are.
final class Listener: Sendable {
  private struct State {
    var listening: (any Channel)?
    var connections: [ObjectIdentifier: any Channel] = [:]
  }

  private let responder: Responder
  private let tls: NIOSSLContext
  private let state = Mutex(State())

  init(_ responder: Responder, speaksHTTP2: Bool) throws {
    self.responder = responder
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(TestCertificates.server.utf8)).map {
        .certificate($0)
      },
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(TestCertificates.serverKey.utf8), format: .pem)))
    configuration.applicationProtocols = speaksHTTP2 ? ["h2", "http/1.1"] : ["http/1.1"]
    configuration.certificateVerification = .optionalVerification
    configuration.trustRoots = .certificates(
      try NIOSSLCertificate.fromPEMBytes(Array(TestCertificates.authority.utf8)))
    tls = try NIOSSLContext(configuration: configuration)
  }

  /// Listens on 127.0.0.1, and says at which port.
  func listen(port: Int) async throws -> Int {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 128)
      // A server that is started again takes its port back.
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { self.configure($0) }
      .bind(host: "127.0.0.1", port: port).get()
    state.withLock { $0.listening = channel }
    return channel.localAddress?.port ?? 0
  }

  /// Listens no more and drops all connections.
  func stop() async {
    let listening = state.withLock { state in
      defer { state.listening = nil }
      return state.listening
    }
    try? await listening?.close()
    await dropConnections()
  }

  /// Drops all connections.
  func dropConnections() async {
    for connection in state.withLock({ Array($0.connections.values) }) { try? await connection.close() }
  }

  private func configure(_ channel: any Channel) -> EventLoopFuture<Void> {
    let key = ObjectIdentifier(channel)
    state.withLock { $0.connections[key] = channel }
    channel.closeFuture.whenComplete { _ in self.state.withLock { _ = $0.connections.removeValue(forKey: key) } }
    let tls = tls
    let responder = responder
    return channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandlers(NIOSSLServerHandler(context: tls), FlushHandler())
    }.flatMap {
      channel.configureCommonHTTPServerPipeline { stream in
        stream.eventLoop.makeCompletedFuture {
          try stream.pipeline.syncOperations.addHandler(RequestHandler(responder, on: channel))
        }
      }
    }
  }
}
