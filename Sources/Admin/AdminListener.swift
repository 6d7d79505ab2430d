import DNSWire
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// Keeps a port open at which requests are answered.
final class AdminListener: Sendable {
  /// The longest target or header field, and all of them, in octets; and how many there may be.
  private static let headerLimits = HTTP1Channel.Configuration.DecoderConfiguration(
    maxHeaderFieldSize: 4096, maxHeaderListSize: 16384, maxHeaderFieldCount: 64)
  /// How long after its end the listener is opened again.
  private static let pause = Duration.seconds(1)

  private let state: AdminState
  private let logger: Logger
  private let limits: ConnectionLimits
  private let counts = ConnectionCounts()
  /// Where it listens; its port is known once it does.
  private let place: Mutex<Endpoint>

  init(_ state: AdminState, at endpoint: Endpoint, limits: ConnectionLimits, logger: Logger) {
    self.state = state
    self.limits = limits
    self.logger = logger
    place = Mutex(endpoint)
  }

  /// Where it listens.
  var endpoint: Endpoint { place.withLock { $0 } }

  /// Opens the port, and keeps it open until the task is cancelled; throws an `AdminServer.Fault` if it cannot be had.
  func start() async throws -> Task<Void, Never> {
    let (openings, opened) = AsyncThrowingStream.makeStream(of: Void.self)
    let task = Task {
      var reason = await listen { opened.yield() }
      opened.finish(throwing: AdminServer.Fault(description: reason))
      // An error of the socket must not be the end of what watches the server. Its port may not be free at once.
      // Cancelled, it ends the loop.
      while (try? await Task.sleep(for: Self.pause)) != nil {
        logger.error("the admin server ended, and is opened again", metadata: ["reason": "\(reason)"])
        reason = await listen {}
      }
    }
    do {
      for try await _ in openings { return task }
    } catch {
      task.cancel()
      throw error
    }
    return task
  }

  /// Answers requests until the task is cancelled or the listener fails, and says why.
  private func listen(_ opened: @escaping @Sendable () -> Void) async -> String {
    let endpoint = endpoint
    let application = Application(
      responder: AdminRoutes.responder(state),
      server: .http1(
        configuration: .init(
          additionalChannelHandlers: [ConnectionGuard(self.limits, self.counts)],
          httpDecoderConfiguration: Self.headerLimits)
      ),
      configuration: ApplicationConfiguration(
        address: .hostname("\(endpoint.address)", port: Int(endpoint.port)),
        availableConnectionsDelegate: .maximum(limits.connections, logger: quietLogger)),
      onServerRunning: { channel in
        self.place.withLock { $0.port = UInt16(clamping: channel.localAddress?.port ?? 0) }
        opened()
      },
      logger: quietLogger)
    do {
      try await application.run()
      return "it ended"
    } catch {
      return "\(endpoint) cannot be listened at: \(error); name another address or port with --admin"
    }
  }

  /// For Hummingbird's own words: only what went wrong.
  private var quietLogger: Logger {
    var logger = logger
    logger.logLevel = .error
    return logger
  }
}
