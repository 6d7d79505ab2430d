import NIOCore
import Synchronization

/// How many connections each client has.
final class ConnectionLimits: Sendable {
  /// The most of one client, so that none takes them from those who watch the server.
  private static let maximumPerClient = 32

  private let counts = Mutex<[String: Int]>([:])

  /// Counts one more connection of a client; false if it has too many.
  func open(_ client: String) -> Bool {
    counts.withLock { counts in
      guard counts[client, default: 0] < Self.maximumPerClient else { return false }
      counts[client, default: 0] += 1
      return true
    }
  }

  /// Takes note that a connection that was counted is closed.
  func close(_ client: String) {
    counts.withLock { counts in
      let rest = (counts[client] ?? 0) - 1
      counts[client] = rest > 0 ? rest : nil
    }
  }
}

/// Ends a connection when its time is over, whatever it is about, and at once if its client has too many.
final class ConnectionGuard: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny

  /// How long a connection may take for its one request and the answer.
  private static let time = TimeAmount.seconds(10)

  private let limits: ConnectionLimits
  private var client: String?
  private var deadline: Scheduled<Void>?

  init(_ limits: ConnectionLimits) {
    self.limits = limits
  }

  func channelActive(context: ChannelHandlerContext) {
    let client = context.remoteAddress?.ipAddress ?? ""
    guard limits.open(client) else { return context.close(promise: nil) }
    self.client = client
    deadline = context.eventLoop.scheduleTask(in: Self.time) { [channel = context.channel] in
      channel.close(promise: nil)
    }
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    if let client { limits.close(client) }
    context.fireChannelInactive()
  }
}
