import Glibc
public import Logging
import NIOCore
import NIOPosix
import Synchronization

/// The Unix socket at which helpers ask for decisions, and programs for the status.
///
/// The first line of a client says what it is: `helper/1`, which is answered with the same line, then one line for each
/// question, in any order; or `status/1`, which is answered with JSON and closed.
public final class DecisionServer: Sendable {
  /// The connections at one time; a further one is closed at once.
  static let connectionLimit = 512

  /// What listens, and the file that leads to it.
  private struct Listener: Sendable {
    let channel: any Channel
    let file: DecisionSocket.FileIdentity?
  }

  private let path: String
  private let decider: Decider
  private let users: Set<UInt32>
  private let status: @Sendable () async -> [UInt8]
  private let logger: Logger
  // One thread decides far more than the proxies of one machine can ask, and keeps their order.
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let connections = DecisionConnections()
  private let listener = Mutex<Listener?>(nil)

  /// Listens at `path`, with decisions of `decider`, until `stop`; throws a `DecisionSocketError`.
  ///
  /// Only root, this process' own user and `allowedUsers` are served, whatever the file's owner and mode are; it has mode
  /// 0660 and this process' user and group. `status` makes the JSON of the status.
  public init(
    path: String, decider: Decider, allowedUsers: Set<UInt32>, status: @escaping @Sendable () async -> [UInt8],
    logger: Logger
  ) async throws {
    self.path = path
    self.decider = decider
    self.status = status
    self.logger = logger
    users = allowedUsers.union([0, geteuid()])
    do {
      try await listen()
    } catch {
      try? await group.shutdownGracefully()
      throw error
    }
  }

  /// Listens anew if the socket's file is gone or another one; whether it was.
  ///
  /// Helpers that are connected stay so, but no other could come.
  public func listenAgainIfRemoved() async throws -> Bool {
    let before = listener.withLock { $0 }
    guard before?.file == nil || DecisionSocket.identity(of: path) != before?.file else { return false }
    try await listen()
    try? await before?.channel.close()
    return true
  }

  private func listen() async throws {
    let descriptor = try DecisionSocket.listen(at: path)
    let file = DecisionSocket.identity(of: path)
    let channel = try await bootstrap.withBoundSocket(descriptor).get()
    listener.withLock { $0 = Listener(channel: channel, file: file) }
  }

  private var bootstrap: ServerBootstrap {
    ServerBootstrap(group: group)
      .childChannelOption(.autoRead, value: false)
      .childChannelInitializer { [users, decider, status, connections, logger] channel in
        guard let options = channel as? any SocketOptionProvider else {
          return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        let credentials: EventLoopFuture<PeerCredentials> = options.unsafeGetSocketOption(
          level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
        return credentials.flatMapThrowing { credentials in
          guard users.contains(credentials.user) else {
            logger.warning(
              "a process was refused at the decision socket: its user may not ask",
              metadata: ["user": "\(credentials.user)", "pid": "\(credentials.process)"])
            throw ChannelError.eof
          }
          guard connections.add(channel) else {
            logger.warning(
              "a connection was refused at the decision socket: there are too many",
              metadata: ["limit": "\(Self.connectionLimit)"])
            throw ChannelError.eof
          }
          channel.closeFuture.whenComplete { _ in connections.remove(channel) }
          try channel.pipeline.syncOperations.addHandler(
            DecisionConnectionHandler(decider, status: status, logger: logger))
        }
      }
  }

  /// Closes the socket and its connections, and removes the file, unless it is another server's by now.
  public func stop() async {
    if let listener = listener.withLock({ $0 }) {
      if listener.file != nil, DecisionSocket.identity(of: path) == listener.file { _ = unsafe unlink(path) }
      try? await listener.channel.close()
    }
    for channel in connections.all { try? await channel.close() }
    try? await group.shutdownGracefully()
  }
}

/// The open connections of a server.
private final class DecisionConnections: Sendable {
  private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

  /// Every connection.
  var all: [any Channel] { channels.withLock { Array($0.values) } }

  /// Adds a connection; false if there are too many.
  func add(_ channel: any Channel) -> Bool {
    channels.withLock { channels in
      guard channels.count < DecisionServer.connectionLimit else { return false }
      channels[ObjectIdentifier(channel)] = channel
      return true
    }
  }

  /// Takes a connection away.
  func remove(_ channel: any Channel) {
    _ = channels.withLock { $0.removeValue(forKey: ObjectIdentifier(channel)) }
  }
}
