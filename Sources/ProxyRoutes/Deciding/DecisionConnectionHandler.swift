import Logging
import NIOCore

/// One connection to the decision socket.
///
/// Reads no faster than its answers are taken: what is kept of a connection is one read and the answers to it.
final class DecisionConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// The first line of a helper, and of whoever asks for the status.
  static let helperGreeting = "helper/1"
  static let statusGreeting = "status/1"
  /// How long a client may take for its first line.
  private static let greetingTime = TimeAmount.seconds(5)

  private enum Phase {
    case greeting, helper, status
  }

  private let decider: Decider
  private let status: @Sendable () async -> [UInt8]
  private let logger: Logger
  private var phase = Phase.greeting
  private var input = LineSplitter(limit: HelperQuery.maximumLength)
  private var deadline: Scheduled<Void>?

  init(_ decider: Decider, status: @escaping @Sendable () async -> [UInt8], logger: Logger) {
    self.decider = decider
    self.status = status
    self.logger = logger
  }

  func channelActive(context: ChannelHandlerContext) {
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.greetingTime) {
      if self.phase == .greeting { context.close(promise: nil) }
    }
    context.read()
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    if phase == .helper { decider.countHelper(-1) }
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let data = unwrapInboundIn(data)
    if phase == .status { return }
    input.append(data.readableBytesView)
    var answers = context.channel.allocator.buffer(capacity: 0)
    while let line = input.next() {
      switch (phase, line) {
      case (.greeting, .whole(let line)): greet(line, &answers, context)
      case (.helper, .whole(let line)): decider.reply(to: line).map { _ = answers.writeBytes($0) }
      case (.helper, .truncated(let start)): decider.reply(toTruncated: start).map { _ = answers.writeBytes($0) }
      case (.greeting, .truncated): context.close(promise: nil)
      case (.status, _): break
      }
    }
    if answers.readableBytes > 0 { context.write(wrapOutboundOut(answers), promise: nil) }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    context.flush()
    if context.channel.isWritable { context.read() }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { context.read() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func greet(_ line: [UInt8], _ answers: inout ByteBuffer, _ context: ChannelHandlerContext) {
    deadline?.cancel()
    if line.elementsEqual(Self.helperGreeting.utf8) {
      phase = .helper
      decider.countHelper(1)
      answers.writeString(Self.helperGreeting + "\n")
    } else if line.elementsEqual(Self.statusGreeting.utf8) {
      phase = .status
      let channel = context.channel
      context.eventLoop.makeFutureWithTask(status).whenSuccess { status in
        channel.writeAndFlush(channel.allocator.buffer(bytes: status)).whenComplete { _ in
          channel.close(promise: nil)
        }
      }
    } else {
      logger.warning("a client of the decision socket speaks another protocol, and is closed")
      context.close(promise: nil)
    }
  }
}
