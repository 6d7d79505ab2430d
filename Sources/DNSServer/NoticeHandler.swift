import DNSWire
import Logging
import NIOCore
import Steering

/// The notices that go out by one socket.
final class NoticeHandler: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>
  typealias OutboundOut = AddressedEnvelope<ByteBuffer>

  /// All notices that there are to send, in place of those before.
  struct Notices: Sendable {
    let all: [ChangeNotice]
  }

  /// What a notice is about.
  private struct Subject: Hashable {
    var zone: DomainName
    var secondary: Endpoint
  }

  /// A notice that was sent and is not acknowledged.
  private struct Pending {
    var notice: ChangeNotice
    var sent: ChangeNotice.Sent
    var attempt = 0
    var retry: Scheduled<Void>?
  }

  /// How many notices are under way at one time; the others wait.
  private static let window = 256
  /// How long an acknowledgement is waited for, attempt after attempt, in seconds (RFC 1996 §3.6).
  private static let patience: [Int64] = [1, 2, 4, 8, 16, 32]

  private let logger: Logger
  private var waiting: [ChangeNotice] = []
  private var pending: [UInt16: Pending] = [:]
  /// What was last logged of each subject that failed: a failure that goes on is logged once.
  private var failures: [Subject: String] = [:]

  init(logger: Logger) {
    self.logger = logger
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard let notices = event as? Notices else { return context.fireUserInboundEventTriggered(event) }
    for notice in pending.values { notice.retry?.cancel() }
    pending = [:]
    waiting = notices.all.reversed()
    let subjects = Set(notices.all.map { Subject(zone: $0.zone, secondary: $0.secondary) })
    failures = failures.filter { subjects.contains($0.key) }
    sendWaiting(context)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let envelope = unwrapInboundIn(data)
    let answer = Array(envelope.data.readableBytesView)
    guard answer.count >= 2, let found = pending[UInt16(answer[0]) << 8 | UInt16(answer[1])],
      envelope.remoteAddress == found.notice.secondary.socketAddress
    else { return }
    switch found.notice.verdict(on: answer, to: found.sent) {
    case .foreign: return
    case .acknowledged: end(found, nil)
    case .refused(let code): end(found, "the secondary refuses it with code \(code)")
    }
    sendWaiting(context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    for notice in pending.values { notice.retry?.cancel() }
    pending = [:]
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // An ICMP error of an earlier notice: its time-out says the same.
  }

  private func sendWaiting(_ context: ChannelHandlerContext) {
    while pending.count < Self.window, let notice = waiting.popLast() {
      var id = UInt16.random(in: .min ... .max)
      while pending[id] != nil { id = .random(in: .min ... .max) }
      send(Pending(notice: notice, sent: notice.sent(id: id)), id, context)
    }
    context.flush()
  }

  private func send(_ notice: Pending, _ id: UInt16, _ context: ChannelHandlerContext) {
    var notice = notice
    if let address = notice.notice.secondary.socketAddress {
      let envelope = AddressedEnvelope(remoteAddress: address, data: ByteBuffer(bytes: notice.sent.message))
      context.write(wrapOutboundOut(envelope), promise: nil)
    }
    let patience = TimeAmount.seconds(Self.patience[notice.attempt])
    notice.retry = context.eventLoop.assumeIsolated().scheduleTask(in: patience) {
      guard var late = self.pending[id] else { return }
      late.attempt += 1
      if late.attempt < Self.patience.count {
        // Signed anew, or the signature's time would run out on the way.
        late.sent = late.notice.sent(id: id)
        self.send(late, id, context)
      } else {
        self.end(late, "the secondary does not answer")
      }
      self.sendWaiting(context)
    }
    pending[id] = notice
  }

  /// Ends a notice, which failed if there is a reason.
  private func end(_ notice: Pending, _ reason: String?) {
    notice.retry?.cancel()
    pending[UInt16(notice.sent.message[0]) << 8 | UInt16(notice.sent.message[1])] = nil
    let subject = Subject(zone: notice.notice.zone, secondary: notice.notice.secondary)
    let metadata: Logger.Metadata = [
      "zone": "\(subject.zone)", "secondary": "\(subject.secondary)", "serial": "\(notice.notice.serial)",
    ]
    guard let reason else {
      failures[subject] = nil
      logger.debug("secondary notified", metadata: metadata)
      return
    }
    guard failures.updateValue(reason, forKey: subject) != reason else { return }
    logger.warning(
      "secondary not notified; it learns of a change when it looks",
      metadata: metadata.merging(["reason": "\(reason)"]) { $1 })
  }
}

extension Endpoint {
  /// The endpoint as NIO has it.
  fileprivate var socketAddress: SocketAddress? { try? SocketAddress(ipAddress: "\(address)", port: Int(port)) }
}
