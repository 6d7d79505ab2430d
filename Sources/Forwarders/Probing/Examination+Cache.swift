import DNSWire

extension Examination {
  /// How often the same is asked: a resolver of several replicas has as many caches.
  private static let repetitions = 5

  /// Whether a cache stands between, and whether it gives one client's answers to another.
  mutating func cache(_ baseline: Canary, _ own: IPAddress) -> DoctorCheck {
    if let proof = strangersAnswer(baseline) { return shared(proof) }
    if let source = options.alsoFrom { return cacheFromTwo(source) }
    let label = Self.nonce()
    var seen: Set<String> = []
    var repeated: String?
    var answers = 0
    for _ in 0..<Self.repetitions where repeated == nil {
      guard case .canary(let canary, _) = see(label: label) else { continue }
      answers += 1
      if !seen.insert(canary.query).inserted { repeated = "the same TXT answer came twice" }
    }
    for _ in 0..<Self.repetitions where repeated == nil {
      guard let address = canaryAddress(label, from: nil) else { continue }
      answers += 1
      if !seen.insert("\(address)").inserted { repeated = "the same address came twice" }
    }
    guard let repeated else {
      let enough = answers > Self.repetitions
      return enough
        ? .ok(.cache, "\(answers) answers, each made by the server")
        : .skipped(.cache, "only \(answers) answers came")
    }
    guard baseline.source == "edns-client-subnet" else { return shared(repeated) }
    return .warning(
      .cache, .sharedCache, "\(repeated); a cache that heeds Client Subnet may keep clients apart",
      why: "A cache that does not gives one namespace's answer to all.",
      fix: """
        Prove it: run 'steer doctor \(zone)' in a pod of another namespace at once, or with a second address of this
        host: steer doctor \(zone) --also-from ADDRESS
        If clients are not kept apart: \(Remedy.noCache(zone))
        """)
  }

  /// The fixed name, which two doctors in two namespaces ask alike: another's answer is proof.
  private mutating func strangersAnswer(_ baseline: Canary) -> String? {
    for _ in 0..<2 {
      guard case .canary(let canary, _) = see(label: nil) else { continue }
      // A replica that forgets who asks, or a forwarder taken for the client, is no other client.
      guard canary.client != nil || canary.namespace != nil, canary.client.map({ $0 != canary.forwarder }) ?? true
      else { continue }
      if canary.client != baseline.client || canary.namespace != baseline.namespace {
        return "_canary.\(zone) was answered for \(canary.clientWords)"
      }
    }
    return nil
  }

  /// Asks the same from two addresses: one answer for both is proof, two identities and two answers are the contrary.
  private mutating func cacheFromTwo(_ source: IPAddress) -> DoctorCheck {
    let label = Self.nonce()
    for _ in 0..<Self.repetitions {
      guard case .canary(let first, _) = see(label: label) else { continue }
      guard case .canary(let second, _) = see(label: label, from: source) else {
        return .skipped(.cache, "no canary from \(source)")
      }
      if first.query == second.query { return shared("one answer for us and for \(source): \(second.clientWords)") }
      if first.client == second.client, first.namespace == second.namespace {
        return .skipped(.cache, "the server sees \(source) as \(second.clientWords), as it sees us: mend that first")
      }
      guard let ours = canaryAddress(label, from: nil), let theirs = canaryAddress(label, from: source) else {
        continue
      }
      if ours == theirs { return shared("one address for us and for \(source): \(ours)") }
    }
    return .ok(.cache, "we and \(source) get answers of our own")
  }

  private func canaryAddress(_ label: String, from source: IPAddress?) -> IPAddress? {
    guard var query = query(label, .a) else { return nil }
    query.source = source
    guard case .answer(let answer) = ask(query) else { return nil }
    return answer.response.addresses.first
  }

  private func shared(_ seen: String) -> DoctorCheck {
    .error(
      .cache, .sharedCache, seen,
      why: "A cache gives one client's answer to another, and keeps answers that the policy has changed.",
      fix: Remedy.noCache(zone))
  }
}
