public import DNSWire
import SteeringPolicy

/// Query in, answer out: the one function that every transport, test and explanation calls.
///
/// A responder belongs to one thread. It holds its own reference to the snapshot, which its owner replaces between
/// queries, and counters that it alone writes.
public struct Responder: ~Copyable {
  /// A buffer of this size takes every answer over UDP.
  public static let udpBufferSize = ResponseWriter.maximumUDPSize
  /// A buffer of this size takes every answer over TCP.
  public static let tcpBufferSize = 65_535

  /// The snapshot that answers come from.
  public var snapshot: Snapshot {
    didSet { octets = snapshot.policy.octets }
  }
  /// The snapshot's encoded records, held here because a span needs an owner that outlives it.
  private(set) var octets: [UInt8]
  /// What happened so far.
  public let counters: Counters
  /// What the last query was answered only because a policy is in Report mode; nil for every other query.
  public internal(set) var report: Report?
  /// What is read into, query after query; each is taken while it is in use, and put back.
  private var query: Query? = Query()
  var linkName: QuestionName? = QuestionName()
  var serverName: QuestionName? = QuestionName()
  /// State of the generator that shares answers out among backends.
  private var random: UInt64

  /// A responder for a snapshot; `seed` makes the order of backends repeatable.
  public init(_ snapshot: Snapshot, counters: Counters = Counters(), seed: UInt64 = .random(in: 1 ... .max)) {
    self.snapshot = snapshot
    octets = snapshot.policy.octets
    self.counters = counters
    random = max(seed, 1)
  }

  /// Answers `message` into `response`; returns the answer's size in octets, or 0 if there must be none.
  ///
  /// It does not throw, allocate or suspend, and is the only place where outcomes become rcodes. `response` must hold
  /// `udpBufferSize` or `tcpBufferSize` octets.
  public mutating func respond(
    to message: Span<UInt8>, from client: IPAddress, over transport: Transport,
    into response: inout MutableSpan<UInt8>
  ) -> Int {
    guard var query = self.query.take() else { return 0 }
    let size = respond(to: message, reading: &query, from: client, over: transport, into: &response)
    self.query = consume query
    return size
  }

  private mutating func respond(
    to message: Span<UInt8>, reading query: inout Query, from client: IPAddress, over transport: Transport,
    into response: inout MutableSpan<UInt8>
  ) -> Int {
    counters.add(transport == .udp ? .receivedUDP : .receivedTCP)
    report = nil
    let outcome = query.read(message)
    if case .silence = outcome {
      counters.add(.silence)
      return 0
    }
    guard response.count >= ResponseWriter.minimumUDPSize else { return 0 }
    var writer = ResponseWriter(
      echoing: query, of: message, limit: limit(for: query, over: transport, response.count),
      reserved: ResponseWriter.reservation(for: query, options: optionsSize(for: query)), in: &response)
    var reply = Reply()
    switch outcome {
    case .silence, .malformed: reply.rcode = .formatError
    case .unknownOpcode: reply.rcode = .notImplemented
    case .query: answer(query, client, &reply, &writer, &response)
    }
    if reply.isTruncated {
      writer.removeRecords()
      counters.add(.truncated)
    }
    if let edns = query.edns {
      writer.appendOPT(edns, rcode: reply.rcode, in: &response)
      if edns.wantsNSID { append(.nsid, &writer, &response) }
      append(reply.option, &writer, &response)
    }
    counters.add(reply.counter)
    return writer.finish(query, rcode: reply.rcode, flags: reply.flags, in: &response)
  }

  /// The most octets an answer may have.
  private func limit(for query: borrowing Query, over transport: Transport, _ size: Int) -> Int {
    guard transport == .udp else { return size }
    guard let edns = query.edns else { return ResponseWriter.minimumUDPSize }
    return min(max(Int(edns.payloadSize), ResponseWriter.minimumUDPSize), ResponseWriter.maximumUDPSize)
  }

  /// The octets that EDNS options must have; an extended error is added only where there is room left.
  private func optionsSize(for query: borrowing Query) -> Int {
    guard let edns = query.edns, edns.wantsNSID else { return 0 }
    return Int(snapshot.policy.options[CompiledPolicy.OptionKind.nsid.rawValue].length)
  }

  private func append(
    _ option: CompiledPolicy.OptionKind?, _ writer: inout ResponseWriter, _ response: inout MutableSpan<UInt8>
  ) {
    guard let option else { return }
    let piece = snapshot.policy.options[option.rawValue]
    writer.appendOption(
      octets.span, from: Int(piece.start), count: Int(piece.length), in: &response)
  }

  /// The next 32 random bits (xorshift64*).
  mutating func nextRandom() -> UInt32 {
    random ^= random >> 12
    random ^= random << 25
    random ^= random >> 27
    return UInt32(truncatingIfNeeded: (random &* 0x2545_F491_4F6C_DD1D) >> 32)
  }
}

/// What an answer will say besides its records.
struct Reply: ~Copyable {
  var rcode = ResponseCode.noError
  var flags: Header.Flags = []
  /// The EDNS option that says why.
  var option: CompiledPolicy.OptionKind?
  /// Whether the answer section got data.
  var hasData = false
  /// Whether the answer is a referral.
  var isReferral = false

  /// The names whose CNAMEs are in the answer: no chain is longer.
  private var links = InlineArray<16, Int>(repeating: 0)
  private var linkCount = 0

  /// Notes that the CNAME at a node goes into the answer; false if it is there already, or too many are.
  mutating func visit(_ node: Int) -> Bool {
    guard linkCount < links.count else { return false }
    for index in 0..<linkCount where links[index] == node { return false }
    links[linkCount] = node
    linkCount += 1
    return true
  }

  /// Whether a record did not fit.
  var isTruncated: Bool { flags.contains(.truncated) }

  /// What the answer is counted as.
  var counter: Counters.Kind {
    switch rcode {
    case .noError: hasData || isTruncated ? .noError : isReferral ? .referral : .noData
    case .formatError: .formatError
    case .serverFailure: .serverFailure
    case .nonexistentDomain: .nonexistentDomain
    case .notImplemented: .notImplemented
    case .refused: .refused
    case .badVersion: .badVersion
    }
  }
}
