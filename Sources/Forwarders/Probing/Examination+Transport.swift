import DNSWire

extension Examination {
  /// A large answer is about 3,000 octets; anything over this came whole.
  private static let largeSize = 2000

  /// Whether TCP works all the way, and whether large answers arrive.
  func transport() -> [DoctorCheck] {
    let plain = outcome(Self.nonce(), .tcp)
    let large = outcome("large", .tcp)
    return [tcp(plain, large), largeAnswers(tcp: large)]
  }

  private func outcome(_ label: String, _ transport: DNSQuery.Transport, payload: UInt16 = 1232) -> DNSOutcome {
    guard var query = query(label, .txt) else { return .failure("the zone's name is too long") }
    query.transport = transport
    query.payloadSize = payload
    return ask(query)
  }

  private func tcp(_ plain: DNSOutcome, _ large: DNSOutcome) -> DoctorCheck {
    guard case .answer(let answer) = plain, answer.response.rcode == .noError else {
      return blocked(
        "TCP to the resolver: \(plain.words)",
        "Allow TCP port \(resolver.port) from pods to \(resolver.address), in NetworkPolicies and firewalls.")
    }
    switch large {
    case .answer(let answer) where answer.size > Self.largeSize:
      return .ok(.tcp, "an answer of \(answer.size) octets came over TCP")
    case .answer(let answer) where answer.response.rcode == .noError && !answer.isTruncated,
      .answer(let answer) where answer.response.rcode == .nonexistentDomain:
      return .skipped(.tcp, "the server has no large canary: \(answer.size) octets")
    default:
      let seen = if case .answer(let answer) = large, answer.isTruncated { "truncated" } else { large.words }
      return blocked(
        "TCP to the resolver works; a large answer over it: \(seen)",
        "Allow TCP port 53 from the resolver to Steer, in NetworkPolicies and in Steer's Service.")
    }
  }

  private func blocked(_ seen: String, _ fix: String) -> DoctorCheck {
    .error(.tcp, .tcpBlocked, seen, why: "An answer that does not fit UDP is asked for again over TCP.", fix: fix)
  }

  private func largeAnswers(tcp: DNSOutcome) -> DoctorCheck {
    let small = outcome("small", .udp)
    let large = outcome("large", .udp, payload: 4096)
    if case .timeout = small { return lost("an answer of about 1,150 octets") }
    guard case .answer(let smallAnswer) = small else {
      return .skipped(.largeAnswers, "small answer: \(small.words)")
    }
    switch large {
    case .timeout:
      guard case .answer(let whole) = tcp, whole.size > Self.largeSize else {
        return .skipped(.largeAnswers, "a large answer comes neither over UDP nor over TCP")
      }
      return lost("an answer of \(whole.size) octets, which TCP brings,")
    case .failure(let reason): return .skipped(.largeAnswers, "large answer: \(reason)")
    case .answer(let answer):
      guard smallAnswer.response.rcode == .noError, answer.response.rcode == .noError else {
        return .skipped(.largeAnswers, "the server has no large canary: \(answer.words)")
      }
      // The server truncates both for a client that it does not know, whatever the path could carry.
      guard !smallAnswer.isTruncated else {
        return .skipped(.largeAnswers, "truncated: the server keeps long answers over UDP for clients that it knows")
      }
      let form = answer.isTruncated ? "sent to TCP" : "whole, \(answer.size) octets"
      return .ok(.largeAnswers, "\(smallAnswer.size) octets pass over UDP; a larger answer is \(form)")
    }
  }

  private func lost(_ what: String) -> DoctorCheck {
    .error(
      .largeAnswers, .largeUDPLost, "\(what) does not arrive over UDP",
      why: "Fragments or large datagrams are dropped on the way: such lookups wait for a timeout each time.",
      fix: """
        CoreDNS, in the server block that clients ask:
            bufsize 1232
        and let ICMP "fragmentation needed" pass between pods and resolver, or mend the MTU of the pod network.
        """)
  }
}
