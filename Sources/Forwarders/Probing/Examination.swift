import DNSWire

/// The checks of one resolver.
struct Examination {
  /// What came of asking for a canary.
  enum Sight {
    case canary(Canary, DNSAnswer)
    /// An answer that is no canary.
    case other(DNSAnswer)
    case timeout
    case failure(String)
  }

  let resolver: Endpoint
  let options: Doctor.Options
  let client: any DNSAsking
  let deadline: ContinuousClock.Instant
  let progress: (String) -> Void
  /// What the server made of us in questions that were asked plainly: equal for all, if all is well.
  var impressions: [String] = []

  /// Makes the checks, in order; the first canary is what the others are compared with.
  mutating func run() -> [DoctorCheck] {
    progress("\(resolver): canary")
    let sight = see(label: Self.nonce())
    guard case .canary(let canary, let answer) = sight else {
      let subjects: [DoctorCheck.Subject] = [
        .pods, .edns, .trust, .subnet, .identity, .conflict, .forgery, .cache, .tcp, .largeAnswers, .filter,
      ]
      return reach(sight) + subjects.map { .skipped($0, "the canary of \(zone) did not answer") }
    }
    let own = answer.localAddress
    var checks: [DoctorCheck] = [
      .ok(.resolver, "answers"), .ok(.served, "the server answers for \(zone)"),
      pods(canary), edns(canary, own), trust(canary, own), subnet(canary), identity(canary, own), conflict(canary),
    ]
    progress("\(resolver): forged options")
    checks.append(forgery(canary, own))
    progress("\(resolver): cache")
    checks.append(cache(canary, own))
    progress("\(resolver): TCP and large answers")
    checks += transport()
    checks.append(filter())
    return checks
  }

  /// The zone as text.
  var zone: String { options.zone.relativeDescription }

  /// A label that nobody asked for before, so that no cache knows it.
  static func nonce() -> String {
    "d" + String(UInt64.random(in: .min ... .max), radix: 16)
  }

  /// Asks for the TXT of a canary: `LABEL._canary.ZONE`, or `_canary.ZONE`.
  mutating func see(
    label: String?, options edns: [EDNSOption] = [], isSigned: Bool = false, from source: IPAddress? = nil,
    at server: Endpoint? = nil
  ) -> Sight {
    guard var query = query(label, .txt, at: server) else { return .failure("the zone's name is too long") }
    query.options = edns
    query.isSigned = isSigned
    query.source = source
    var outcome = ask(query)
    if case .answer(let answer) = outcome, answer.isTruncated {
      query.transport = .tcp
      outcome = ask(query)
    }
    switch outcome {
    case .timeout: return .timeout
    case .failure(let reason): return .failure(reason)
    case .answer(let answer):
      guard answer.response.rcode == .noError, let canary = Canary(answer.response) else { return .other(answer) }
      // The fixed name may bring another's answer from a cache, which is told as such.
      if label != nil, edns.isEmpty, source == nil, server == nil {
        impressions.append(canary.impression(of: answer.localAddress))
      }
      return .canary(canary, answer)
    }
  }

  /// A question for a name at or below the canary; nil if the name would be too long.
  func query(_ label: String?, _ type: RecordType, at server: Endpoint? = nil) -> DNSQuery? {
    let labels = [label, "_canary"].compactMap(\.self).flatMap { [UInt8($0.utf8.count & 0x3F)] + Array($0.utf8) }
    guard let name = try? DomainName(wire: labels + options.zone.wire) else { return nil }
    return DNSQuery(name, type, to: server ?? resolver)
  }

  /// Asks, unless the time is up.
  func ask(_ query: DNSQuery) -> DNSOutcome {
    ContinuousClock.now < deadline ? client.ask(query) : .failure("not asked: out of time")
  }
}

extension Canary {
  /// What the server makes of a client, whose own address may be of either family.
  fileprivate func impression(of own: IPAddress) -> String {
    let address = client == own ? "our address" : client.map { "\($0)" } ?? "no address"
    return "\(address), namespace \(namespace ?? "unknown"), identity \(identity.rawValue)"
  }
}

extension Examination.Sight {
  /// What was seen, in words.
  var words: String {
    switch self {
    case .canary(let canary, _): canary.clientWords
    case .other(let answer): answer.words
    case .timeout: "no answer in time"
    case .failure(let reason): reason
    }
  }
}

extension DNSAnswer {
  /// The response code, and whether there was data.
  var words: String {
    response.rcode == .noError ? "NOERROR without the answer asked for" : "\(response.rcode)"
  }
}

extension DNSOutcome {
  /// What came of it, in words.
  var words: String {
    switch self {
    case .answer(let answer): answer.words
    case .timeout: "no answer in time"
    case .failure(let reason): reason
    }
  }
}
