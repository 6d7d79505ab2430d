import DNSWire

extension QuestionName {
  /// Whether it is `_canary` below the apex, or one label before that at which the zone has nothing.
  func isCanary(_ lookup: ZoneLookup, in snapshot: Snapshot) -> Bool {
    // A DNAME at the apex redirects them like every other name.
    guard !lookup.isRedirected(in: snapshot) else { return false }
    return switch lookup.apexLabel {
    case 1: hasLabel(ReservedLabel.canary, at: 0)
    case 2: hasLabel(ReservedLabel.canary, at: 1) && lookup.node(self, in: snapshot) == nil
    default: false
    }
  }

  /// Whether it is a name below `_canary` at which the zone has something, where it is no canary itself.
  func isPaddedCanary(_ lookup: ZoneLookup) -> Bool {
    lookup.apexLabel == 2 && hasLabel(ReservedLabel.canary, at: 1)
  }

  /// Whether a label, counted from the left, is of these octets.
  func hasLabel(_ label: [UInt8], at place: Int) -> Bool {
    let start = start(ofLabel: place)
    guard self[start] == UInt8(label.count) else { return false }
    for index in label.indices where self[start + index + 1] != label[index] { return false }
    return true
  }
}

extension Responder {
  /// Addresses for benchmarks, which nobody has (RFC 2544, RFC 6890): 198.18.0.0/15.
  private static let canaryNetwork: UInt32 = 0xC612_0000

  /// Answers a canary: TXT says what of the query reached the server, A is another address each time.
  ///
  /// Neither tells anything of anyone but the asker. TXT has a TTL of 0, A that of steered names: what comes twice was
  /// kept by a cache on the way.
  mutating func answerCanary(
    _ query: borrowing Query, _ message: borrowing Span<UInt8>, _ sender: Sender, _ transport: Transport,
    _ lookup: ZoneLookup, _ identity: ClientIdentity, _ reply: inout Reply, _ writer: inout ResponseWriter,
    _ response: inout MutableSpan<UInt8>
  ) {
    reply.flags = .authoritative
    switch query.type {
    case .txt, .any: break
    case .a:
      appendCanaryAddress(ttl: snapshot.policy.zones[lookup.zone].ttl, &reply, &writer, &response)
      return
    default:
      appendSOA(Place(query.name, at: ResponseWriter.questionNameOffset, lookup), &reply, &writer, &response)
      return
    }
    var text = TextRecord()
    text.begin("query")
    text.append(hexadecimal: UInt64(nextRandom()) << 32 | UInt64(nextRandom()))
    snapshot.describe(identity, zone: lookup.zone, in: &text)
    snapshot.describeCandidates(identity, query, message, sender, zone: lookup.zone, in: &text)
    text.begin("forwarder")
    text.append(sender.address)
    text.append(identity.isForwarded ? " trusted" : " untrusted")
    text.add("transport", transport == .udp ? "udp" : "tcp")
    text.begin("edns")
    describe(query.edns, of: message, in: &text)
    text.begin("zone")
    text.append(query.name, from: lookup.apexLabel)
    answer(with: text, &reply, &writer, &response)
  }

  /// Says what EDNS a query came with: `none`, or the payload size and the codes of its options.
  private func describe(_ edns: Query.EDNS?, of message: borrowing Span<UInt8>, in text: inout TextRecord) {
    guard let edns else {
      text.append("none")
      return
    }
    text.append(edns.payloadSize)
    if !edns.options.isEmpty { text.append(" options") }
    var option = edns.options.lowerBound
    while option < edns.options.upperBound {
      text.append(octet: 0x20)
      text.append(message.uint16(at: option))
      option += 4 + Int(message.uint16(at: option + 2))
    }
  }

  private mutating func appendCanaryAddress(
    ttl: UInt32, _ reply: inout Reply, _ writer: inout ResponseWriter, _ response: inout MutableSpan<UInt8>
  ) {
    let address = Self.canaryNetwork | nextRandom() & 0x1_FFFF
    var record = InlineArray<14, UInt8>(repeating: 0)
    record[1] = UInt8(RecordType.a.rawValue)
    record[3] = UInt8(RecordClass.internet.rawValue)
    record[9] = 4
    for index in 0..<4 { record[10 + index] = UInt8(truncatingIfNeeded: address >> UInt32(24 - 8 * index)) }
    reply.hasData = writer.append(
      record.span, from: 0, count: 14, owner: ResponseWriter.questionNameOffset, ttl: ttl, section: .answer,
      in: &response)
    if !reply.hasData { reply.flags.insert(.truncated) }
  }
}
