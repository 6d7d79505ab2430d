import DNSWire

/// A zone on its way to a secondary: an answer of as many messages as it takes.
///
/// It belongs to the thread of the responder that started it. It holds on to its snapshot, so that a change on the way
/// does not mix two generations.
public final class ZoneTransfer {
  /// How many octets a message has at the least before the next one is begun.
  ///
  /// Small enough that an answer behind a transfer does not wait for long.
  static let messageSize = 16_384

  /// Whether the last message was written.
  public private(set) var isFinished = false
  private let snapshot: Snapshot
  private let octets: [UInt8]
  /// The query, and what was read of it.
  private let message: [UInt8]
  private var query = Query()
  private var records: TransferRecords
  private var signature: MessageSignature?
  private let counters: Counters
  private var event: TransferEvent
  private var recordCount = 0
  private var octetCount = 0
  private var isStuck = false

  /// A transfer that answers a query, of a zone as a class of clients sees it.
  init(
    answering message: borrowing Span<UInt8>, zone: Int, clientClass: UInt32, in snapshot: Snapshot,
    signedLike signature: MessageSignature?, counters: Counters, event: TransferEvent
  ) {
    let copy = message.indices.map { message[$0] }
    self.message = copy
    self.snapshot = snapshot
    octets = snapshot.policy.octets
    records = TransferRecords(of: zone, for: clientClass, in: snapshot)
    self.signature = signature
    self.counters = counters
    self.event = event
    _ = query.read(copy.span)
    counters.add(.transferStarted)
  }

  /// Writes the next message, at `time` in seconds since 1970; returns its size in octets, or 0 if there is none.
  ///
  /// `response` must hold `Responder.tcpBufferSize` octets. If the transfer is not finished after 0, a record fits no
  /// message, and the connection must be closed.
  public func next(into response: inout MutableSpan<UInt8>, at time: UInt64 = SystemClock.seconds) -> Int {
    guard !isFinished else { return 0 }
    // Spans need owners that nothing else can change meanwhile.
    let (message, octets) = (message, octets)
    var writer = TransferWriter(
      echoing: query, of: message.span, reserved: signature?.size ?? 0, in: &response)
    var count = 0
    while writer.position < Self.messageSize, let record = records.current {
      let labels = records.labels
      guard
        writer.append(
          octets.span, from: record.start, count: record.size, labels: labels.span, ttl: record.ttl,
          in: &response)
      else { break }
      records.advance()
      count += 1
    }
    isStuck = count == 0
    guard !isStuck else { return 0 }
    recordCount += count
    isFinished = records.current == nil
    if isFinished { counters.add(.transferFinished) }
    var size = writer.finish(query, in: &response)
    if signature != nil { size = signature?.sign(&response, size, at: time) ?? size }
    octetCount += size
    return size
  }

  /// What became of it, if it ends now.
  public var outcome: TransferEvent {
    var event = event
    if isFinished {
      event.outcome = .finished(records: recordCount, octets: octetCount)
    } else {
      event.outcome = isStuck ? .unsendable(records: recordCount) : .brokenOff(records: recordCount)
    }
    return event
  }
}
