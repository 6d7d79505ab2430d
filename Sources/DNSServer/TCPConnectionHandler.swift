import DNSWire
import NIOCore
import Steering
import Synchronization

/// What the connections of a server share.
final class TCPState: Sendable {
  let cell: SnapshotCell
  let limits: TCPLimits
  let answers: AnswerSettings
  let logs: ServerLogs
  /// What the connections count; their one event loop is the only writer.
  let counters = Counters()
  /// What was answered of late with a route's addresses, if that is kept; written as the counters are.
  let recentAnswers: RecentAnswerTable?
  let askers = AskerTable()
  /// Connections closed because there were too many.
  let refusals = Atomic<UInt64>(0)
  /// How many zone transfers are under way, by client.
  private let transfers = Mutex<[IPAddress: Int]>([:])

  init(_ cell: SnapshotCell, limits: TCPLimits, answers: AnswerSettings, logs: ServerLogs) {
    self.cell = cell
    self.limits = limits
    var answers = answers
    // Clients that ask are told the time that they really get (RFC 7828 §3.2.2).
    answers.keepalive = UInt16(clamping: limits.idleSeconds * 10)
    self.answers = answers
    self.logs = logs
    recentAnswers = logs.keepsRecentAnswers ? RecentAnswerTable() : nil
  }

  /// Whether a client may have one more zone transfer now.
  func mayTransfer(to client: IPAddress) -> Bool {
    transfers.withLock { transfers in
      transfers[client, default: 0] < limits.transfersPerClient
        && transfers.values.reduce(0, +) < limits.transfers
    }
  }

  /// Counts a zone transfer of a client that begins or, if `change` is -1, ends.
  func count(transferTo client: IPAddress, _ change: Int) {
    transfers.withLock { transfers in
      let count = transfers[client, default: 0] + change
      transfers[client] = count > 0 ? count : nil
    }
  }
}

/// One TCP connection: queries framed by a length of two octets, answered in order (RFC 7766 §8), but for zone transfers,
/// between whose messages others are answered (RFC 7766 §6.2.1.1).
///
/// Reads only as fast as the client takes its answers, and no faster than its allowance.
final class TCPConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// How long a connection of a server that ends must be silent before it is closed.
  private static let silence = TimeAmount.milliseconds(100)
  /// How many messages of transfers are written before other connections have their turn.
  private static let transferTurn = 4

  private let state: TCPState
  private var responder: Responder
  private var version: UInt64 = 0
  private let peer: IPAddress
  /// Whom a PROXY header at the stream's start named: all its queries are that client's.
  private var client = RelayedClient.none
  /// Whether the stream may still start with a PROXY header.
  private var mayHaveHeader = true
  private var input = ByteBuffer()
  private var deadline: Scheduled<Void>?
  private var pause: Scheduled<Void>?
  private var allowance: Int
  private var allowanceStart = NIODeadline.now()
  /// Whether the client has sent its last query.
  private var isInputClosed = false
  /// Whether the server ends: what still comes is answered, and the first silence closes the connection.
  private var isDraining = false
  /// The zone transfers under way, the one whose turn it is first.
  private var transfers: [ZoneTransfer] = []
  /// Whether the next turn of the transfers is on its way.
  private var hasTurn = false

  init(_ state: TCPState, peer: IPAddress, view: ListenerView?) {
    self.state = state
    self.peer = peer
    allowance = state.limits.messagesPerSecond
    let snapshot = state.cell.take(ifNewerThan: &version) ?? state.cell.current
    responder = Responder(snapshot, settings: state.answers, listenerView: view, counters: state.counters)
    responder.logsQueries = state.logs.queries != nil
    responder.recentAnswers = state.recentAnswers
    responder.askers = state.askers
  }

  func channelActive(context: ChannelHandlerContext) {
    awaitQuery(context)
    context.read()
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    pause?.cancel()
    for transfer in transfers { end(transfer) }
    transfers = []
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var data = unwrapInboundIn(data)
    input.writeBuffer(&data)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    answerQueries(context)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { answerQueries(context) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case ChannelEvent.inputClosed:
      isInputClosed = true
      answerQueries(context)
    case is TCPDrainEvent:
      isDraining = true
      awaitQuery(context)
      answerQueries(context)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  /// Answers the whole queries that are here, then asks for more, waits, or closes.
  private func answerQueries(_ context: ChannelHandlerContext) {
    if let snapshot = state.cell.take(ifNewerThan: &version) { responder.snapshot = snapshot }
    if mayHaveHeader, !readHeader(context) { return }
    // Made for a burst of queries and let go after it: an idle connection holds no buffer.
    var output: [UInt8] = []
    var hasAnswered = false
    while context.channel.isWritable, hasQuery, takeAllowance(context), let query = nextQuery() {
      if output.isEmpty { output = [UInt8](repeating: 0, count: Responder.tcpBufferSize) }
      if answer(query, into: &output, context) { hasAnswered = true }
    }
    // What gets no answer was no query, and gives its sender no more time.
    if continueTransfers(context, into: &output) { hasAnswered = true }
    if hasAnswered {
      context.flush()
      awaitQuery(context)
    }
    guard pause == nil else { return }
    if transfers.isEmpty {
      guard context.channel.isWritable else { return }
      if isInputClosed { closeWhenWritten(context) } else { context.read() }
    } else if !isInputClosed, !hasQuery {
      // A transfer fills all buffers; what is asked meanwhile is to go before the rest of it.
      context.read()
    }
  }

  /// Writes messages of the transfers in turn, as far as the client takes them; returns whether there were any.
  ///
  /// After a few of them other connections, and what this one has to ask meanwhile, go first.
  private func continueTransfers(_ context: ChannelHandlerContext, into output: inout [UInt8]) -> Bool {
    var count = 0
    while count < Self.transferTurn, context.channel.isWritable, !transfers.isEmpty {
      if output.isEmpty { output = [UInt8](repeating: 0, count: Responder.tcpBufferSize) }
      let transfer = transfers.removeFirst()
      var span = output.mutableSpan
      let size = transfer.next(into: &span)
      if size > 0 { write(output[..<size], context) }
      if transfer.isFinished || size == 0 { end(transfer) } else { transfers.append(transfer) }
      if size == 0 { context.close(promise: nil) }
      count += 1
    }
    if !transfers.isEmpty, context.channel.isWritable, !hasTurn {
      hasTurn = true
      context.eventLoop.assumeIsolated().execute {
        self.hasTurn = false
        if context.channel.isActive { self.answerQueries(context) }
      }
    }
    return count > 0
  }

  /// Notes that a transfer is over.
  private func end(_ transfer: ZoneTransfer) {
    state.count(transferTo: peer, -1)
    state.logs.transfers.add(transfer.outcome)
  }

  /// Takes the PROXY header off the stream, if it starts with one; false if more of it is to come, or if the connection
  /// was closed for it.
  private func readHeader(_ context: ChannelHandlerContext) -> Bool {
    let start = Array(input.readableBytesView.prefix(ProxyHeader.maximumSize))
    guard !start.isEmpty else {
      if isInputClosed { mayHaveHeader = false } else { context.read() }
      return isInputClosed
    }
    switch ProxyHeader.read(start.span, isDatagram: false) {
    case .absent: break
    case .present(let relayed, let length):
      client = relayed
      input.moveReaderIndex(forwardBy: length)
    case .incomplete where !isInputClosed:
      context.read()
      return false
    case .incomplete, .invalid:
      state.counters.countInvalidProxyHeader()
      context.close(promise: nil)
      return false
    }
    mayHaveHeader = false
    return true
  }

  private func answer(_ query: [UInt8], into output: inout [UInt8], _ context: ChannelHandlerContext) -> Bool {
    var span = output.mutableSpan
    responder.mayTransfer = state.mayTransfer(to: peer)
    let size = responder.respond(to: query.span, from: peer, relaying: client, over: .tcp, into: &span)
    if let report = responder.report { state.logs.reports.add(report) }
    if let event = responder.takeTransferEvent(from: peer) { state.logs.transfers.add(event) }
    if let transfer = responder.transfer {
      state.count(transferTo: peer, 1)
      if transfer.isFinished || size == 0 { end(transfer) } else { transfers.append(transfer) }
      if size == 0 { context.close(promise: nil) }
    }
    guard size > 0 else { return false }
    if let log = state.logs.queries {
      var line: [UInt8] = []
      responder.appendLogLine(of: query.span, from: peer, relaying: client, over: .tcp, at: LogTime.text(), to: &line)
      log.add(line)
    }
    write(output[..<size], context)
    return true
  }

  /// Writes a message, its length in front.
  private func write(_ message: ArraySlice<UInt8>, _ context: ChannelHandlerContext) {
    var frame = context.channel.allocator.buffer(capacity: message.count + 2)
    frame.writeInteger(UInt16(message.count))
    frame.writeBytes(message)
    context.write(wrapOutboundOut(frame), promise: nil)
  }

  private func closeWhenWritten(_ context: ChannelHandlerContext) {
    // Empty and last, so that closing waits for all that was written before.
    context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated()
      .whenComplete { _ in context.close(promise: nil) }
  }

  /// Whether a whole query is here.
  private var hasQuery: Bool {
    guard let length = input.getInteger(at: input.readerIndex, as: UInt16.self) else { return false }
    return input.readableBytes >= Int(length) + 2
  }

  /// The next whole query; nil if it is not here yet.
  private func nextQuery() -> [UInt8]? {
    guard let length = input.readInteger(as: UInt16.self) else { return nil }
    defer { input.discardReadBytes() }
    return input.readBytes(length: Int(length))
  }

  /// Whether one more query may be answered now; if not, the connection rests until its second is over.
  private func takeAllowance(_ context: ChannelHandlerContext) -> Bool {
    guard pause == nil else { return false }
    let now = NIODeadline.now()
    if now - allowanceStart >= .seconds(1) {
      allowanceStart = now
      allowance = state.limits.messagesPerSecond
    }
    guard allowance == 0 else {
      allowance -= 1
      return true
    }
    pause = context.eventLoop.assumeIsolated().scheduleTask(deadline: allowanceStart + .seconds(1)) {
      self.pause = nil
      self.answerQueries(context)
    }
    return false
  }

  /// Gives the client its time for the next whole query: while draining, only for what is under way.
  private func awaitQuery(_ context: ChannelHandlerContext) {
    deadline?.cancel()
    let time = isDraining ? Self.silence : .seconds(Int64(state.limits.idleSeconds))
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: time) {
      // A client that takes no answers would never let what is written go out: it is not waited for.
      if self.isDraining { self.closeWhenWritten(context) } else { context.close(promise: nil) }
    }
  }
}

/// Asks a connection to answer what it has and to close.
struct TCPDrainEvent: Sendable {}
