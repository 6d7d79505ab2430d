import Glibc
import NIOCore
import NIOPosix

extension ProxyStatus {
  /// Why a server's status could not be had.
  public struct Failure: Error, CustomStringConvertible {
    /// Why, and what to do.
    public let description: String
  }

  /// The first line by which the decision socket is asked for the status.
  static let greeting = "status/1"
  /// How long a server has to answer.
  private static let patience = TimeAmount.seconds(10)

  /// The status of the server that listens at a Unix socket.
  public static func ask(_ path: String) async throws(Failure) -> ProxyStatus {
    let octets = try await answer(of: path)
    guard !octets.isEmpty else {
      throw Failure(description: "the server at \(path) does not answer: only root and its own user may ask it")
    }
    do {
      return try ProxyStatus(json: octets)
    } catch {
      throw Failure(description: "what answers at \(path) is no steer of this version: \(error)")
    }
  }

  private static func answer(of path: String) async throws(Failure) -> [UInt8] {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let answer = loop.makePromise(of: [UInt8].self)
    let deadline = loop.scheduleTask(in: patience) {
      answer.fail(Failure(description: "the server at \(path) does not answer"))
    }
    answer.futureResult.whenComplete { _ in deadline.cancel() }
    do {
      let channel = try await ClientBootstrap(group: loop)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(StatusAnswerHandler(answer))
          }
        }
        .connect(unixDomainSocketPath: path).get()
      defer { channel.close(promise: nil) }
      return try await answer.futureResult.get()
    } catch let failure as Failure {
      throw failure
    } catch {
      answer.fail(error)
      throw Failure(description: describe(error, path))
    }
  }

  private static func describe(_ error: any Error, _ path: String) -> String {
    switch (error as? IOError)?.errnoCode {
    case ENOENT: "there is no socket at \(path): is 'steer serve' running, and with a proxy engine?"
    case ECONNREFUSED: "nobody listens at \(path): 'steer serve' is not running"
    case EACCES: "\(path) may not be used: be root, or the user that 'steer serve' runs as"
    default: "the server at \(path) cannot be asked: \(ProbeFailure.describe(error))"
    }
  }
}

/// Asks for the status, and gathers the answer to its end.
private final class StatusAnswerHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// The longest answer that is read, in octets.
  private static let maximumLength = 64 << 20

  private let promise: EventLoopPromise<[UInt8]>
  private var answer: [UInt8] = []

  init(_ promise: EventLoopPromise<[UInt8]>) {
    self.promise = promise
  }

  func channelActive(context: ChannelHandlerContext) {
    let greeting = context.channel.allocator.buffer(string: ProxyStatus.greeting + "\n")
    context.writeAndFlush(wrapOutboundOut(greeting), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    answer += unwrapInboundIn(data).readableBytesView
    if answer.count > Self.maximumLength {
      promise.fail(ProxyStatus.Failure(description: "the server's answer is too long"))
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    promise.succeed(answer)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A server that does not serve us closes the connection, whether it has read our line or not.
    promise.succeed([])
    context.close(promise: nil)
  }
}
