import DNSWire
import NIOCore
import NIOPosix
import Steering
import Synchronization

/// The TCP side of a server: listeners, and the connections they accept.
final class TCPListener: Sendable {
  /// The send buffer asked for, in octets: bounds what the kernel holds for a client that does not read.
  private static let sendBufferSize = 128 << 10

  let state: TCPState
  private let group: MultiThreadedEventLoopGroup
  private let listeners: Mutex<[any Channel]> = Mutex([])
  private let connections = Mutex(TCPConnections())

  init(_ cell: SnapshotCell, limits: TCPLimits, answers: AnswerSettings, logs: ServerLogs) {
    // TCP is the fallback of UDP: one event loop is enough, and each counter keeps one writer.
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    state = TCPState(cell, limits: limits, answers: answers, logs: logs)
  }

  /// Listens on an endpoint from now on and returns its port; throws a `SocketError`.
  ///
  /// With a view, its queries are of that view's clients, if their sender may speak for others.
  func listen(_ endpoint: Endpoint, for view: ListenerView?) async throws -> UInt16 {
    let address = try SocketAddress(ipAddress: "\(endpoint.address)", port: Int(endpoint.port))
    do {
      let channel = try await bootstrap(endpoint, view).bind(to: address).get()
      listeners.withLock { $0.append(channel) }
      return UInt16(channel.localAddress?.port ?? 0)
    } catch let error as IOError {
      throw SocketError(endpoint: endpoint, errno: error.errnoCode)
    }
  }

  /// Takes the last `listen` back.
  func closeLastListener() async {
    let channel = listeners.withLock { $0.popLast() }
    try? await channel?.close()
  }

  private func bootstrap(_ endpoint: Endpoint, _ view: ListenerView?) -> ServerBootstrap {
    ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        guard !endpoint.address.isIPv4, let options = channel as? any SocketOptionProvider else {
          return channel.eventLoop.makeSucceededVoidFuture()
        }
        return options.unsafeSetSocketOption(
          level: .ipv6, name: .ipv6_v6only, value: CInt(1))
      }
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.autoRead, value: false)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.socketOption(.so_sndbuf), value: Self.sendBufferSize)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try self.accept(channel, view) }
      }
  }

  /// Takes a connection in, or throws, which closes it, if there are too many of all clients or of this one.
  private func accept(_ channel: any Channel, _ view: ListenerView?) throws {
    guard let client = channel.remoteAddress.flatMap(IPAddress.init) else { throw ChannelError.eof }
    guard connections.withLock({ $0.add(channel, of: client, limits: state.limits) }) else {
      state.refusals.add(1, ordering: .relaxed)
      throw ChannelError.eof
    }
    channel.closeFuture.whenComplete { _ in
      self.connections.withLock { $0.remove(channel, of: client) }
    }
    try channel.pipeline.syncOperations.addHandler(
      TCPConnectionHandler(state, peer: client, view: view))
  }

  /// Closes the listeners, lets connections answer what they have, and closes them: at once, or after `seconds`.
  func drain(seconds: Int64) async {
    for listener in listeners.withLock({ $0 }) { try? await listener.close() }
    let open = connections.withLock { $0.channels }
    for channel in open {
      channel.pipeline.fireUserInboundEventTriggered(TCPDrainEvent())
      channel.eventLoop.scheduleTask(in: .seconds(seconds)) { channel.close(promise: nil) }
    }
    for channel in open { try? await channel.closeFuture.get() }
    try? await group.shutdownGracefully()
  }
}

/// The connections that there are, and how many each client has; an IPv6 client is a /64, of which a host may have
/// every address.
private struct TCPConnections {
  private var byIdentifier: [ObjectIdentifier: any Channel] = [:]
  private var counts: [IPAddress: Int] = [:]

  /// Every connection.
  var channels: [any Channel] { Array(byIdentifier.values) }

  /// Adds a connection of a client; false if there are too many.
  mutating func add(_ channel: any Channel, of client: IPAddress, limits: TCPLimits) -> Bool {
    let client = client.network
    let count = counts[client, default: 0]
    guard byIdentifier.count < limits.connections, count < limits.connectionsPerClient else { return false }
    counts[client] = count + 1
    byIdentifier[ObjectIdentifier(channel)] = channel
    return true
  }

  /// Takes a connection of a client away.
  mutating func remove(_ channel: any Channel, of client: IPAddress) {
    guard byIdentifier.removeValue(forKey: ObjectIdentifier(channel)) != nil else { return }
    let client = client.network
    let count = counts[client, default: 1]
    counts[client] = count > 1 ? count - 1 : nil
  }
}

extension IPAddress {
  /// An IPv4 address, or the first of the /64 of an IPv6 address.
  fileprivate var network: IPAddress { isIPv4 ? self : IPAddress(high: high, low: 0) }

  /// The address of a peer; nil if it has none.
  fileprivate init?(_ address: SocketAddress) {
    guard let text = address.ipAddress else { return nil }
    self.init(text)
  }
}
