public import DNSWire

extension Responder {
  /// Answers AXFR and IXFR (RFC 5936, RFC 1995): the first message of a transfer, or why there is none.
  ///
  /// A transfer that was started is in `transfer`, and its first message is still to be written.
  mutating func answerTransfer(
    _ query: borrowing Query, _ message: borrowing Span<UInt8>, _ sender: Sender, _ transport: Transport,
    _ reply: inout Reply, _ writer: inout ResponseWriter, _ response: inout MutableSpan<UInt8>
  ) {
    // A zone has room only on a stream (RFC 5936 §4.2).
    if query.type == .axfr, transport == .udp {
      reply.rcode = .notImplemented
      reply.option = .notSupported
      return
    }
    // Without what the client has, nobody knows what changed since (RFC 1995 §3).
    if query.type == .ixfr, query.knownSerial == nil {
      reply.rcode = .formatError
      return
    }
    guard query.recordClass == .internet, let lookup = ZoneLookup(query.name, in: snapshot), lookup.apexLabel == 0
    else {
      reply.rcode = .notAuthorized
      reply.option = .notAuthoritative
      return
    }
    let identity = identify(query, message, sender, lookup)
    if logsQueries {
      trace.identity = identity
      trace.zone = lookup.zone
    }
    guard let grant = snapshot.grant(for: signature?.acceptedKey, sender, zone: lookup.zone) else {
      reply.rcode = .refused
      reply.option = .transferRefused
      counters.add(.transferRefused)
      transferOutcome = .refused
      return
    }
    reply.flags = .authoritative
    let serial = snapshot.generation.serial
    if let known = query.knownSerial, transport == .udp || !SerialNumber.isAfter(serial, known) {
      append(
        snapshot.policy.zones[lookup.zone].soa, at: ResponseWriter.questionNameOffset, .answer, &reply, &writer,
        &response)
      reply.hasData = true
      return
    }
    guard mayTransfer else {
      reply.flags = []
      reply.rcode = .serverFailure
      reply.option = .transferPostponed
      counters.add(.transferRefused)
      transferOutcome = .postponed
      return
    }
    let event = TransferEvent(
      client: sender.address, zone: query.name.domainName ?? .root, key: signature?.acceptedKey, serial: serial,
      outcome: .brokenOff(records: 0))
    transfer = ZoneTransfer(
      answering: message, zone: lookup.zone, clientClass: grant.clientClass, in: snapshot, signedLike: signature,
      counters: counters, event: event)
  }

  /// Checks the signature of a query that has one, and notes what is wrong with it.
  mutating func checkSignature(of query: borrowing Query, _ message: borrowing Span<UInt8>) {
    let checked = MessageSignature(of: query, message, by: snapshot.secrets.keys, at: signingTime)
    signature = checked
    guard let fault = checked.fault else { return }
    switch fault {
    case .malformed: return
    case .badSignature:
      counters.add(.tsigBadSignature)
      transferOutcome = .badSignature
    case .badKey:
      counters.add(.tsigBadKey)
      transferOutcome = .badKey
    case .badTime:
      counters.add(.tsigBadTime)
      transferOutcome = .badTime
    case .badTruncation:
      counters.add(.tsigBadTruncation)
      transferOutcome = .badTruncation
    }
  }

  /// Whether the last query has something for the log of transfers.
  public var hasTransferEvent: Bool { transferOutcome != nil }

  /// What the last query, which came from an address, has for the log of transfers, if that is not its transfer.
  public mutating func takeTransferEvent(from address: IPAddress) -> TransferEvent? {
    guard let outcome = transferOutcome, let query = self.query.take() else { return nil }
    transferOutcome = nil
    // What was asked for is anyone's choice where the signature is not accepted: it must not make each event another.
    let event = TransferEvent(
      client: address, zone: outcome.isOfSignature ? .root : query.name.domainName ?? .root,
      key: outcome == .badKey ? nil : signature?.record?.keyName, serial: snapshot.generation.serial, outcome: outcome
    )
    self.query = consume query
    return event
  }

  /// Signs an answer of `size` octets to a query that was signed; returns its new size.
  mutating func sign(_ response: inout MutableSpan<UInt8>, _ size: Int) -> Int {
    let time = signingTime
    return signature?.sign(&response, size, at: time) ?? size
  }

  /// The time to sign by, in seconds since 1970.
  var signingTime: UInt64 { assumedTime ?? SystemClock.seconds }

  /// Who asks in a signed query: whoever the key's rule of the zone has it seen as, or nobody that is known.
  ///
  /// The signature says that no one on the way added anything, so no other source counts.
  func identifySigner(_ key: DomainName, _ sender: Sender, _ lookup: ZoneLookup) -> ClientIdentity {
    var identity = ClientIdentity(address: sender.address)
    guard let grant = snapshot.grant(for: key, sender, zone: lookup.zone) else { return identity }
    identity.kind = .key
    identity.clientClass = grant.clientClass
    identity.source = ClientIdentity.signature
    return identity
  }
}

extension Snapshot {
  /// The first rule of a zone that covers a request which an accepted key signed, or none.
  ///
  /// A forwarder's address is that of all its clients, so it gives nobody a zone.
  func grant(for key: DomainName?, _ sender: Sender, zone: Int) -> TransferGrant? {
    if key == nil, trust(in: sender.address, by: policy.zones[zone].identityRule).isForwarder { return nil }
    return policy.zones[zone].transfers.first { $0.covers(key, sender) }
  }
}
