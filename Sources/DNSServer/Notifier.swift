public import DNSWire
public import Logging
import NIOCore
import NIOPosix
public import Steering

/// Tells secondaries that a zone changed (RFC 1996), again and again until they say that they know.
///
/// Sockets are opened once there is someone to tell. A notice of a new serial replaces that of an older one under way.
public actor Notifier: SnapshotSink {
  private let endpoints: [Endpoint]
  private let logger: Logger
  private var group: MultiThreadedEventLoopGroup?
  /// The socket of each family, by whether it is IPv4.
  private var channels: [Bool: any Channel] = [:]
  private var serial: UInt32?

  /// A notifier of a server that listens on `endpoints`: where these are of one address in a family, notices come from it.
  public init(from endpoints: [Endpoint], logger: Logger) {
    self.endpoints = endpoints
    self.logger = logger
  }

  /// Tells the secondaries of a snapshot's zones, if it is of another serial than the last one.
  public func publish(_ snapshot: Snapshot) async {
    guard snapshot.generation.serial != serial else { return }
    serial = snapshot.generation.serial
    let notices = Dictionary(grouping: snapshot.notices.filter { !$0.lacksKey }, by: \.secondary.address.isIPv4)
    for isIPv4 in [true, false] where notices[isIPv4] != nil || channels[isIPv4] != nil {
      do {
        let channel = try await channel(isIPv4: isIPv4)
        channel.pipeline.fireUserInboundEventTriggered(NoticeHandler.Notices(all: notices[isIPv4] ?? []))
      } catch {
        logger.error("no socket for NOTIFY; secondaries learn of the change later", metadata: ["error": "\(error)"])
      }
    }
  }

  /// Stops telling anyone.
  public func stop() async {
    for channel in channels.values { try? await channel.close() }
    channels = [:]
    try? await group?.shutdownGracefully()
    group = nil
  }

  private func channel(isIPv4: Bool) async throws -> any Channel {
    if let channel = channels[isIPv4] { return channel }
    // Of several addresses the system knows better which one a secondary can be reached from.
    let addresses = Set(endpoints.map(\.address).filter { $0.isIPv4 == isIPv4 })
    let wildcard = isIPv4 ? "0.0.0.0" : "::"
    let source = addresses.count == 1 ? addresses.first.map { "\($0)" } ?? wildcard : wildcard
    let group = group ?? MultiThreadedEventLoopGroup(numberOfThreads: 1)
    self.group = group
    let logger = logger
    let channel = try await DatagramBootstrap(group: group)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(NoticeHandler(logger: logger))
        }
      }
      .bind(host: source, port: 0).get()
    channels[isIPv4] = channel
    return channel
  }
}
