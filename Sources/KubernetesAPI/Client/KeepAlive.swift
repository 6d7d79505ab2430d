import Glibc
import NIOCore

/// Has the kernel find out that the other end of a connection is no more.
///
/// A watch only reads; a server that vanished without a word would look like one that has nothing to tell.
enum KeepAlive {
  /// Seconds of silence before the kernel asks; then it asks three times, ten seconds apart.
  private static let idle: Int = 30
  private static let interval: Int = 10
  private static let probes: Int = 3
  /// Milliseconds that what was sent may stay unacknowledged.
  private static let userTimeout: Int = 30_000

  @Sendable static func start(on channel: any Channel) -> EventLoopFuture<Void> {
    let options: [(ChannelOptions.Types.SocketOption, Int)] = [
      (ChannelOptions.socketOption(.so_keepalive), 1),
      (tcp(TCP_KEEPIDLE), idle), (tcp(TCP_KEEPINTVL), interval), (tcp(TCP_KEEPCNT), probes),
      (tcp(TCP_USER_TIMEOUT), userTimeout),
    ]
    return EventLoopFuture.andAllSucceed(
      options.map { channel.setOption($0.0, value: $0.1) }, on: channel.eventLoop)
  }

  private static func tcp(_ name: CInt) -> ChannelOptions.Types.SocketOption {
    ChannelOptions.Types.SocketOption(level: .tcp, name: NIOBSDSocket.Option(rawValue: name))
  }
}
