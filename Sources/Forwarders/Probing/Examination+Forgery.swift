import DNSWire

extension Examination {
  /// Identities that are nobody's: addresses for documentation (RFC 5737, RFC 3849), and a namespace of our own.
  enum Forged {
    static let v4 = IPAddress(v4: 0xC000_024D)
    static let v6 = IPAddress(high: 0x2001_0DB8_0000_0000, low: 0x77)
    static let namespace = "forged-by-steer-doctor"
  }

  /// Whether a client can say that it is somebody else.
  mutating func forgery(_ baseline: Canary, _ own: IPAddress) -> DoctorCheck {
    var unanswered: [String] = []
    var passing: [String] = []
    var untrusted = false
    let forgeries = Self.forgeries(for: baseline)
    for (words, options) in forgeries {
      switch see(label: Self.nonce(), options: options) {
      case .timeout, .failure: unanswered.append(words)
      // A refusal of the whole question gives no identity away.
      case .other: continue
      case .canary(let canary, _):
        if Self.believes(canary, baseline, own) { return accepted(words, canary) }
        if Self.isMoved(canary, baseline) { passing.append(words) }
        untrusted = untrusted || !canary.candidates(.untrusted).isEmpty
      }
    }
    if !passing.isEmpty {
      return .warning(
        .forgery, .clientOptionsPass, "\(passing.joined(separator: ", ")) reached the server and spoilt the identity",
        why:
          "The server is not deceived, but what a client sends should be removed before the forwarder's own is set.",
        fix: Remedy.identity(baseline, zone: zone, unsetOnly: true))
    }
    if !unanswered.isEmpty {
      return .skipped(.forgery, "not answered: \(unanswered.joined(separator: ", "))")
    }
    // The server ignores these only as long as it does not trust the forwarder that lets them pass.
    if untrusted, baseline.forwarder != own {
      return .skipped(.forgery, "the forwarder is not trusted yet: run this again when it is")
    }
    return .ok(.forgery, "\(forgeries.count) forged questions changed nothing")
  }

  /// What to send, with a name for each: every source alone, all together, and all of them twice.
  private static func forgeries(for canary: Canary) -> [(String, [EDNSOption])] {
    var forgeries: [(String, [EDNSOption])] = []
    for candidate in canary.candidates {
      guard let code = candidate.optionCode else { continue }
      let name = "option \(code)"
      if candidate.source.hasPrefix("edns-client-ip") {
        forgeries.append((name, [EDNSOption(code: code, data: Forged.v4.octets)]))
        forgeries.append(("\(name) (IPv6)", [EDNSOption(code: code, data: Forged.v6.octets)]))
      } else if candidate.source.hasPrefix("edns-namespace") {
        forgeries.append((name, [EDNSOption(code: code, data: Array(Forged.namespace.utf8))]))
      }
    }
    forgeries.append(("Client Subnet", [.clientSubnet(Forged.v4)]))
    let all = forgeries.filter { !$0.0.hasSuffix("(IPv6)") }.flatMap(\.1)
    if all.count > 1 { forgeries.append(("all of them together", all)) }
    forgeries.append(("all of them twice", all + all))
    return forgeries
  }

  /// Whether the server took the forged identity, or anybody's but ours.
  private static func believes(_ canary: Canary, _ baseline: Canary, _ own: IPAddress) -> Bool {
    if canary.client == Forged.v4 || canary.client == Forged.v6 || canary.namespace == Forged.namespace {
      return true
    }
    // Fallen back to the packet's sender: spoilt, not deceived.
    if canary.client == canary.forwarder, canary.client != nil { return false }
    if let client = canary.client, client != baseline.client, client != own { return true }
    if let namespace = canary.namespace, namespace != baseline.namespace { return true }
    // Looked up and found to be nobody's: an existing name would have been believed.
    return canary.candidates(.unknown).contains {
      $0.optionCode != nil && !baseline.candidates(.unknown).contains($0)
    }
  }

  /// Whether forged options changed what the server made of us, without being believed.
  private static func isMoved(_ canary: Canary, _ baseline: Canary) -> Bool {
    let spoilt: [Canary.Candidate.Result] = [.duplicate, .conflicting, .malformed, .tooCoarse]
    return (canary.client, canary.namespace, canary.identity) != (
      baseline.client, baseline.namespace, baseline.identity
    )
      || spoilt.contains { canary.candidates($0).count > baseline.candidates($0).count }
  }

  private func accepted(_ words: String, _ canary: Canary) -> DoctorCheck {
    var fix = Remedy.identity(canary, zone: zone)
    if canary.forwarder == canary.client || !canary.isForwarderTrusted {
      fix += "\nTrust forwarders only, never a pod network, in 'identity.trustedForwarders'."
    }
    if canary.candidates.contains(where: { $0.optionCode == EDNSOptionCode.clientSubnet && $0.result == .used }) {
      fix += "\nOr drop edns-client-subnet from 'identity.sources', if the forwarder does not set it."
    }
    return .error(
      .forgery, .forgedIdentityAccepted, "\(words), forged by us, made the server see \(canary.clientWords)",
      why: "Any pod can be answered as any other: what a client sends passes the forwarder unchanged.", fix: fix)
  }
}
