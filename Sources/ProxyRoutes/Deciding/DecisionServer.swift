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
  static let connectionLimit = 64

  private let path: String
  private let file: DecisionSocket.FileIdentity?
  private let group: MultiThreadedEventLoopGroup
  private let listener: any Channel
  private let connections: DecisionConnections

  /// Listens at `path`, with decisions of `decider`, until `stop`; throws a `DecisionSocketError`.
  ///
  /// Only root, this process' own user and `allowedUsers` are served, whatever the file's owner and mode are; it has mode
  /// 0660 and this process' user and group. `status` makes the JSON of the status.
  public init(
    path: String, decider: Decider, allowedUsers: Set<UInt32>, status: @escaping @Sendable () async -> [UInt8],
    logger: Logger
  ) async throws {
    self.path = path
    let descriptor = try DecisionSocket.listen(at: path)
    file = DecisionSocket.identity(of: path)
    let users = allowedUsers.union([0, geteuid()])
    let connections = DecisionConnections()
    self.connections = connections
    // One thread decides far more than the proxies of one machine can ask, and keeps their order.
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let bootstrap = ServerBootstrap(group: group)
      .childChannelOption(.autoRead, value: false)
      .childChannelInitializer { channel in
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
    do {
      listener = try await bootstrap.withBoundSocket(descriptor).get()
    } catch {
      try? await group.shutdownGracefully()
      throw error
    }
  }

  /// Closes the socket and its connections, and removes the file, unless it is another server's by now.
  public func stop() async {
    if file != nil, DecisionSocket.identity(of: path) == file { _ = unsafe unlink(path) }
    try? await listener.close()
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
