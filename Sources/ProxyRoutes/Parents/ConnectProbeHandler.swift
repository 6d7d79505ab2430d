import NIOCore
import SteeringPolicy

/// Asks a proxy to connect to a destination, and reads how it answers: 200 is a success (RFC 9110 §9.3.6).
final class ConnectProbeHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// The longest status line that is read, in octets.
  private static let maximumLength = 1024

  private let target: EgressRoute.ConnectTarget
  private let done: EventLoopPromise<Void>
  private var answer: [UInt8] = []

  /// A handler that completes a promise once the answer is there.
  init(_ target: EgressRoute.ConnectTarget, _ done: EventLoopPromise<Void>) {
    self.target = target
    self.done = done
  }

  func channelActive(context: ChannelHandlerContext) {
    let host = target.host.utf8.contains(UInt8(ascii: ":")) ? "[\(target.host)]" : target.host
    let destination = "\(host):\(target.port)"
    let request = "CONNECT \(destination) HTTP/1.1\r\nHost: \(destination)\r\nUser-Agent: steer-health-check\r\n\r\n"
    context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(string: request)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    answer += unwrapInboundIn(data).readableBytesView
    guard let end = answer.firstIndex(of: UInt8(ascii: "\n")) else {
      if answer.count > Self.maximumLength {
        done.fail(ProbeFailure("answered CONNECT with something else than HTTP"))
      }
      return
    }
    guard let status = Self.status(of: answer[..<end]) else {
      return done.fail(ProbeFailure("answered CONNECT with something else than HTTP"))
    }
    if status == "200" { done.succeed() } else { done.fail(ProbeFailure("answered CONNECT with \(status)")) }
  }

  /// The three digits of a status line, `HTTP/1.1 200 …`; nil if it is none (RFC 9112 §4).
  private static func status(of line: ArraySlice<UInt8>) -> String? {
    let (version, digits) = (line.prefix(9), line.dropFirst(9).prefix(3))
    guard version.starts(with: Array("HTTP/1.".utf8)), version.last == UInt8(ascii: " "), digits.count == 3,
      digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      [nil, UInt8(ascii: " "), UInt8(ascii: "\r")].contains(line.dropFirst(12).first)
    else { return nil }
    return String(decoding: digits, as: UTF8.self)
  }

  func channelInactive(context: ChannelHandlerContext) {
    done.fail(ProbeFailure("closed the connection without an answer to CONNECT"))
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    done.fail(error)
    context.close(promise: nil)
  }
}
