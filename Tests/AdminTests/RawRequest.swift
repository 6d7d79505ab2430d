import DNSWire
import NIOCore
import NIOPosix

/// Octets that are sent to a server as they are.
enum RawRequest {
  /// What the server sends until it closes the connection.
  static func send(_ text: String, to endpoint: Endpoint) async throws -> String {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let answer = loop.makePromise(of: String.self)
    let channel: any Channel
    do {
      channel = try await ClientBootstrap(group: loop)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(Gatherer(answer))
          }
        }
        .connect(host: "\(endpoint.address)", port: Int(endpoint.port)).get()
    } catch {
      answer.fail(error)
      throw error
    }
    // A server that closes at once takes nothing: what it answered is what counts.
    channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
    return try await answer.futureResult.get()
  }

  /// Sends a request of a target.
  static func get(_ target: String, host: String = "127.0.0.1", from endpoint: Endpoint) async throws -> String {
    try await send("GET \(target) HTTP/1.1\r\nHost: \(host)\r\n\r\n", to: endpoint)
  }
}

/// Gathers what is received until the other end closes.
private final class Gatherer: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let promise: EventLoopPromise<String>
  private var text = ""

  init(_ promise: EventLoopPromise<String>) {
    self.promise = promise
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    text += String(buffer: unwrapInboundIn(data))
  }

  func channelInactive(context: ChannelHandlerContext) {
    promise.succeed(text)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A reset: the server has closed while there was more for it.
    context.close(promise: nil)
  }
}
