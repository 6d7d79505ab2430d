public import DNSWire
import Glibc
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
    didSet {
      octets = snapshot.policy.octets
      listenerNamespace = listenerView.map { snapshot.entry(of: $0) }
    }
  }
  /// The snapshot's encoded records, held here because a span needs an owner that outlives it.
  private(set) var octets: [UInt8]
  /// What happened so far.
  public let counters: Counters
  /// What the last query was answered only because a policy is in Report mode; nil for every other query.
  public internal(set) var report: Report?
  /// The transfer that the last query started and whose further messages are its transport's to write.
  public internal(set) var transfer: ZoneTransfer?
  /// Why the last query started no transfer, or was not accepted, for the log of transfers.
  var transferOutcome: TransferEvent.Outcome?
  /// Whether one more transfer may be started.
  public var mayTransfer = true
  /// The time that signatures are checked and made by, in seconds since 1970; nil for the machine's clock.
  public var assumedTime: UInt64?
  /// The signature of the query at hand, if it has one.
  var signature: MessageSignature?
  /// What is read into, query after query; each is taken while it is in use, and put back.
  var query: Query? = Query()
  /// How it answers besides.
  let settings: AnswerSettings
  let serverNames: ServerNames
  /// Whose the listener's queries are, if their sender may speak for clients, and the entry of that namespace.
  private let listenerView: ListenerView?
  private(set) var listenerNamespace: Int?
  /// Where it is noted which answers have a route's addresses, if that is wanted; the responder alone writes there.
  public var recentAnswers: RecentAnswerTable?
  /// Where it is noted who is answered with addresses of which routes; the responder alone writes there.
  public var askers: AskerTable?
  /// Whom the last query was answered with addresses of a route, and the route's listener port; only if that is noted.
  var steered: (client: IPAddress, listenerPort: UInt16)?
  /// Who asks, whatever the message says: for questions that people put about a client.
  var assumedIdentity: ClientIdentity?
  /// Whether queries are logged, and what is told of the last one if they are.
  public var logsQueries = false
  var trace = QueryTrace()
  var linkName: QuestionName? = QuestionName()
  /// State of the generator that shares answers out among backends.
  private var random: UInt64

  /// A responder for a snapshot, and for the view that its listener is bound to, if any.
  ///
  /// `seed` makes the order of backends repeatable.
  public init(
    _ snapshot: Snapshot, settings: AnswerSettings = AnswerSettings(), listenerView: ListenerView? = nil,
    counters: Counters = Counters(), seed: UInt64 = .random(in: 1 ... .max)
  ) {
    self.snapshot = snapshot
    self.settings = settings
    serverNames = ServerNames(settings)
    self.listenerView = listenerView
    listenerNamespace = listenerView.map { snapshot.entry(of: $0) }
    octets = snapshot.policy.octets
    self.counters = counters
    random = max(seed, 1)
  }

  /// Answers `message` into `response`; returns the answer's size in octets, or 0 if there must be none.
  ///
  /// It does not throw or suspend, allocates for signed queries and zone transfers only, and is the only place where
  /// outcomes become rcodes. Of a transfer it is the first message: `transfer` has the rest. `address` is the packet's own
  /// source, `client` whom a PROXY header named. `response` must hold `udpBufferSize` or `tcpBufferSize`
  /// octets.
  public mutating func respond(
    to message: Span<UInt8>, from address: IPAddress, relaying client: RelayedClient = .none,
    over transport: Transport, into response: inout MutableSpan<UInt8>
  ) -> Int {
    guard var query = self.query.take() else { return 0 }
    let sender = Sender(address: address, relayed: client, listenerNamespace: listenerNamespace)
    let size = respond(to: message, reading: &query, from: sender, over: transport, into: &response)
    self.query = consume query
    return size
  }

  private mutating func respond(
    to message: Span<UInt8>, reading query: inout Query, from sender: Sender, over transport: Transport,
    into response: inout MutableSpan<UInt8>
  ) -> Int {
    counters.add(transport == .udp ? .receivedUDP : .receivedTCP)
    report = nil
    // Usually there is nothing to let go of, and looking is cheaper.
    if signature != nil || transfer != nil || transferOutcome != nil {
      (signature, transfer, transferOutcome) = (nil, nil, nil)
    }
    if logsQueries { trace = QueryTrace() }
    let outcome = query.read(message)
    if case .silence = outcome {
      counters.add(.silence)
      return 0
    }
    guard response.count >= ResponseWriter.minimumUDPSize else { return 0 }
    // A signature must not pass unseen: a forwarder adds nothing to a signed query, and so does not say whose it is.
    if query.isSigned, outcome != .malformed { checkSignature(of: query, message) }
    var writer = ResponseWriter(
      echoing: query, of: message, limit: limit(for: query, over: transport, response.count) - (signature?.size ?? 0),
      reserved: ResponseWriter.reservation(for: query, options: optionsSize(for: query, over: transport)),
      in: &response)
    var reply = Reply()
    switch outcome {
    case .silence, .malformed: reply.rcode = .formatError
    case _ where signature?.fault != nil:
      reply.rcode = signature?.fault == .malformed ? .formatError : .notAuthorized
    case .cookieRequest:
      checkCookie(query, message, sender, &reply)
      // Without secrets the option is one that is not known, and the question is missing.
      if reply.cookie == nil { reply.rcode = .formatError }
    case .notification:
      reply.rcode = .refused
      reply.option = .notSupported
    case .unknownOpcode: reply.rcode = .notImplemented
    case .query:
      checkCookie(query, message, sender, &reply)
      answer(query, message, sender, transport, &reply, &writer, &response)
    }
    if let transfer {
      counters.add(.noError)
      return transfer.next(into: &response, at: signingTime)
    }
    if reply.isTruncated {
      writer.removeRecords()
      counters.add(.truncated)
    }
    if let edns = query.edns {
      writer.appendOPT(edns, rcode: reply.rcode, in: &response)
      if reply.clientSubnet > 0 {
        // Each answer holds for this client alone, so the scope is a whole address (RFC 7871 §7.2.1).
        let isIPv4 = message[reply.clientSubnet + 5] == 1
        writer.appendClientSubnet(
          of: message, from: reply.clientSubnet, count: 4 + Int(message.uint16(at: reply.clientSubnet + 2)),
          scope: isIPv4 ? 32 : 128, in: &response)
      }
      if edns.wantsNSID { append(.nsid, &writer, &response) }
      if let cookie = reply.cookie {
        var data = InlineArray<24, UInt8>(repeating: 0)
        for index in 0..<8 { data[index] = message[edns.cookie.lowerBound + index] }
        for index in 0..<16 { data[8 + index] = cookie[index] }
        writer.appendOption(EDNSOptionCode.cookie, data.span, in: &response)
      }
      if edns.wantsKeepalive, transport == .tcp, !edns.hasKeepaliveTime {
        let time: InlineArray<2, UInt8> = [
          UInt8(truncatingIfNeeded: settings.keepalive >> 8), UInt8(truncatingIfNeeded: settings.keepalive),
        ]
        writer.appendOption(EDNSOptionCode.keepalive, time.span, in: &response)
      }
      append(reply.option, &writer, &response)
    }
    counters.add(reply.counter)
    if logsQueries { trace.rcode = reply.rcode }
    if let recentAnswers, let (client, listenerPort) = steered.take(), !reply.isTruncated {
      recentAnswers.record(client, listenerPort: listenerPort, name: query.name, at: LogTime.milliseconds())
    }
    let size = writer.finish(query, rcode: reply.rcode, flags: reply.flags, in: &response)
    return signature == nil ? size : sign(&response, size)
  }

  /// Looks at the query's cookie, if it has one and there are secrets (RFC 7873 §5.2).
  ///
  /// One that is not valid counts as none: a client behind a forwarder may be seen from another address each time.
  private func checkCookie(
    _ query: borrowing Query, _ message: borrowing Span<UInt8>, _ sender: Sender, _ reply: inout Reply
  ) {
    guard let edns = query.edns, !edns.cookie.isEmpty, !edns.hasInvalidOption, edns.version == 0,
      let cookies = snapshot.secrets.cookies
    else { return }
    let check = cookies.check(
      edns.cookie, of: message, from: sender.address, at: UInt32(truncatingIfNeeded: time(nil)))
    reply.cookie = check.answer
    reply.hasValidCookie = check.isValid
    if edns.cookie.count > 8 { counters.add(check.isValid ? .cookieValid : .cookieInvalid) }
  }

  /// The most octets an answer may have.
  private func limit(for query: borrowing Query, over transport: Transport, _ size: Int) -> Int {
    guard transport == .udp else { return size }
    guard let edns = query.edns else { return ResponseWriter.minimumUDPSize }
    return min(max(Int(edns.payloadSize), ResponseWriter.minimumUDPSize), ResponseWriter.maximumUDPSize)
  }

  /// The octets that EDNS options must have; an extended error is added only where there is room left.
  ///
  /// Over TCP records go before what only tells of the server: there is no other way left for them.
  private func optionsSize(for query: borrowing Query, over transport: Transport) -> Int {
    guard let edns = query.edns else { return 0 }
    let clientSubnet = edns.hasClientSubnet ? ResponseWriter.clientSubnetSize : 0
    guard transport == .udp else { return clientSubnet }
    let nsid = CompiledPolicy.OptionKind.nsid.rawValue
    return clientSubnet + (edns.wantsNSID ? Int(snapshot.policy.options[nsid].length) : 0)
      + (edns.cookie.isEmpty ? 0 : ResponseWriter.cookieSize)
      + (edns.wantsKeepalive ? ResponseWriter.keepaliveSize : 0)
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
  /// Where the query's Client Subnet option stands that the reply must carry, or 0.
  var clientSubnet = 0
  /// The server cookie that the reply must carry, and whether the query had a valid one.
  var cookie: CookieSecrets.ServerCookie?
  var hasValidCookie = false
  /// Whether the answer is a referral.
  var isReferral = false

  /// The CNAMEs that the answer consists of so far.
  var chain = AliasChain()

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
    case .nameExists: .nameExists
    case .notAuthorized: .notAuthorized
    case .badVersion: .badVersion
    }
  }
}
