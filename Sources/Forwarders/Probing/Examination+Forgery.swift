import DNSWire

extension Examination {
  /// Whether a client can say that it is somebody else.
  mutating func forgery(_ baseline: Canary, _ own: IPAddress) -> DoctorCheck {
    var unanswered: [String] = []
    var spoilt: [String] = []
    var passed: [Canary.Candidate] = []
    let forgeries = Forgery.all(against: baseline.candidates)
    for forgery in forgeries {
      switch see(label: Self.nonce(), options: forgery.options, isSigned: forgery.isSigned) {
      case .timeout, .failure: unanswered.append(forgery.words)
      // A refusal of the whole question gives no identity away.
      case .other: continue
      case .canary(let canary, _):
        let arrived = canary.candidates(addedTo: baseline)
        if Self.believes(canary, baseline, own) { return accepted(forgery, canary, baseline, arrived) }
        if Self.isNarrowed(by: arrived, baseline) { return narrowed(forgery, baseline, arrived) }
        guard !arrived.isEmpty else { continue }
        spoilt.append(forgery.words)
        passed += arrived.filter { candidate in !passed.contains { $0.source == candidate.source } }
      }
    }
    if !spoilt.isEmpty {
      return .warning(
        .forgery, .clientOptionsPass, "\(spoilt.joined(separator: ", ")), forged by us, made the client unknown",
        why: "A client's own options reach the server, which then believes nobody: a client harms itself alone.",
        fix: Remedy.removal(of: passed, baseline, zone: zone))
    }
    if !unanswered.isEmpty {
      return .skipped(.forgery, "not answered: \(unanswered.joined(separator: ", "))")
    }
    // The server ignores these only as long as it does not trust the forwarder that lets them pass.
    if !baseline.isForwarderTrusted, baseline.forwarder != own {
      return .skipped(.forgery, "the forwarder is not trusted yet: run this again when it is")
    }
    return .ok(.forgery, "\(forgeries.count) forged questions changed nothing")
  }

  /// Whether the server took the forged identity, or anybody's but ours.
  private static func believes(_ canary: Canary, _ baseline: Canary, _ own: IPAddress) -> Bool {
    if canary.client == Forgery.v4 || canary.client == Forgery.v6 || canary.namespace == Forgery.namespace {
      return true
    }
    // Fallen back to the packet's sender: spoilt, not deceived.
    if canary.client == canary.forwarder, canary.client != nil { return false }
    if let client = canary.client, client != baseline.client, client != own { return true }
    if let namespace = canary.namespace, namespace != baseline.namespace { return true }
    // Looked up without another source against it, and found to be nobody's: an existing name would have been believed.
    return canary.candidates(.unknown).contains {
      $0.optionCode != nil && $0.source == canary.source && !baseline.candidates(.unknown).contains($0)
    }
  }

  /// Whether an address would be believed of a client of whom the forwarder tells only the namespace.
  ///
  /// Ours is of no pod and so believed by nobody; that of a pod in the namespace would be.
  private static func isNarrowed(by arrived: [Canary.Candidate], _ baseline: Canary) -> Bool {
    baseline.client == nil && baseline.namespace != nil
      && arrived.contains { $0.value.flatMap { IPAddress($0) } != nil }
  }

  private func accepted(
    _ forgery: Forgery, _ canary: Canary, _ baseline: Canary, _ arrived: [Canary.Candidate]
  ) -> DoctorCheck {
    var fix = Remedy.removal(of: arrived, baseline, zone: zone)
    if canary.forwarder == canary.client || !canary.isForwarderTrusted {
      fix += "\nTrust forwarders only, never a pod network, in 'identity.trustedForwarders'."
    }
    return .error(
      .forgery, .forgedIdentityAccepted, "\(forgery.words), forged by us, made the server see \(canary.clientWords)",
      why: "Any pod can be answered as any other: what a client sends passes the forwarder unchanged.", fix: fix)
  }

  private func narrowed(_ forgery: Forgery, _ baseline: Canary, _ arrived: [Canary.Candidate]) -> DoctorCheck {
    .error(
      .forgery, .forgedIdentityAccepted,
      "\(forgery.words), forged by us, reached the server, which knows only namespace \(baseline.namespace ?? "")",
      why: "Any pod can be answered as any other of its namespace: the address that a client sends says which it is.",
      fix: Remedy.removal(of: arrived, baseline, zone: zone))
  }
}

extension Canary {
  /// What is in this one of a client's own: sources that were absent in `baseline`, or say something else now.
  fileprivate func candidates(addedTo baseline: Canary) -> [Candidate] {
    candidates.filter { candidate in
      guard candidate.optionCode != nil, ![.absent, .untrusted].contains(candidate.result) else { return false }
      let before = baseline.candidates.first { $0.source == candidate.source }
      return before?.result == .absent || before?.value != candidate.value
    }
  }
}
