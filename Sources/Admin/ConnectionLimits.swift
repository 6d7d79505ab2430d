import NIOCore
import Synchronization

/// What one client, and all of them, may take of the server's connections.
struct ConnectionLimits: Sendable {
  /// The most connections at a time; more wait until one ends.
  var connections = 256
  /// The most of one client, so that none takes them from those who watch the server; more are closed at once.
  var connectionsPerClient = 32
  /// How long a connection may take for its one request and the answer.
  var time = TimeAmount.seconds(10)
}

/// How many connections each client has.
final class ConnectionCounts: Sendable {
  private let counts = Mutex<[String: Int]>([:])

  /// Counts one more connection of a client; false if it has as many as it may.
  func open(_ client: String, limit: Int) -> Bool {
    counts.withLock { counts in
      guard counts[client, default: 0] < limit else { return false }
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

  private let limits: ConnectionLimits
  private let counts: ConnectionCounts
  private var client: String?
  private var deadline: Scheduled<Void>?

  init(_ limits: ConnectionLimits, _ counts: ConnectionCounts) {
    self.limits = limits
    self.counts = counts
  }

  func channelActive(context: ChannelHandlerContext) {
    let client = context.remoteAddress?.ipAddress ?? ""
    guard counts.open(client, limit: limits.connectionsPerClient) else { return context.close(promise: nil) }
    self.client = client
    deadline = context.eventLoop.scheduleTask(in: limits.time) { [channel = context.channel] in
      channel.close(promise: nil)
    }
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    if let client { counts.close(client) }
    context.fireChannelInactive()
  }
}
