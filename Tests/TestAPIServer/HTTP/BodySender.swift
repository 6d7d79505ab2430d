import NIOCore
import NIOHTTP1

/// Sends the body of an answer, at the pace and as far as a fault lets it; bound to its event loop.
final class BodySender {
  private let channel: any Channel
  private let connection: any Channel
  /// After how many more octets the connection drops.
  private var octetsUntilDrop: Int?
  private let pace: (octets: Int, pause: TimeAmount)?
  /// What waits for its time.
  private var waiting: [UInt8] = []
  private var isPausing = false
  private var endsWhenEmpty = false
  private var isOver = false

  init(_ channel: any Channel, of connection: any Channel, fault: Fault?) {
    self.channel = channel
    self.connection = connection
    switch fault {
    case .drops(let octets): (octetsUntilDrop, pace) = (octets, nil)
    case .sends(let octets, let milliseconds): pace = (max(1, octets), .milliseconds(milliseconds))
    default: pace = nil
    }
  }

  /// Whether more can be sent now without waiting in memory.
  var canTakeMore: Bool { !isOver && waiting.isEmpty && channel.isWritable }

  /// Sends octets.
  func send(_ octets: [UInt8]) {
    guard pace != nil else { return write(octets) }
    waiting += octets
    sendNextPart()
  }

  /// Ends the body.
  func end() {
    guard waiting.isEmpty else {
      endsWhenEmpty = true
      return
    }
    guard !isOver else { return }
    isOver = true
    channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
  }

  private func sendNextPart() {
    guard let pace, !isPausing, !waiting.isEmpty, !isOver else { return }
    write(Array(waiting.prefix(pace.octets)))
    waiting.removeFirst(min(pace.octets, waiting.count))
    if waiting.isEmpty, endsWhenEmpty { return end() }
    isPausing = true
    let this = NIOLoopBound(self, eventLoop: channel.eventLoop)
    channel.eventLoop.scheduleTask(in: pace.pause) {
      this.value.isPausing = false
      this.value.sendNextPart()
    }
  }

  private func write(_ octets: [UInt8]) {
    guard !isOver else { return }
    var part = octets[...]
    if let rest = octetsUntilDrop {
      part = part.prefix(rest)
      octetsUntilDrop = rest - part.count
    }
    let sent = channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: part))))
    guard octetsUntilDrop == 0 else { return }
    isOver = true
    let connection = connection
    // Only when the octets are on their way, or they would not be sent at all.
    sent.whenComplete { _ in connection.close(promise: nil) }
  }
}
