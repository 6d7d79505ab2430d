import DNSWire

extension Doctor {
  /// How many questions one lookup costs, and whether the search list answers in the name's place.
  func searchPath(before deadline: ContinuousClock.Instant) -> DoctorCheck {
    guard let configuration = options.configuration else { return .skipped(.searchPath, "resolv.conf was not read") }
    guard let name = options.name ?? (try? DomainName("_canary.\(options.zone)")) else {
      return .skipped(.searchPath, "the zone's name is too long")
    }
    let text = name.relativeDescription
    let before = configuration.candidates(for: name).prefix { $0 != name }
    guard !before.isEmpty, let resolver = options.resolvers.first else {
      return .ok(.searchPath, "\(text) is asked for as it is: 2 questions (A and AAAA)")
    }
    var unanswered = 0
    for candidate in before where ContinuousClock.now < deadline {
      guard case .answer(let answer) = client.ask(DNSQuery(candidate, .a, to: resolver)) else {
        unanswered += 1
        continue
      }
      if answer.response.rcode == .noError, !answer.response.addresses.isEmpty {
        return .error(
          .searchPath, .searchPath,
          "\(candidate.relativeDescription) has an address, and is asked for before \(text)",
          why: "Programs that look up \(text) reach somebody else.", fix: searchFix(text))
      }
    }
    let silence = unanswered == 0 ? "" : ", \(unanswered) of them without an answer in time"
    return .warning(
      .searchPath, .searchPath,
      "\(text) costs \((before.count + 1) * 2) questions (ndots:\(configuration.dots), \(before.count) search names "
        + "first\(silence))",
      why: "Each lookup asks for A and AAAA of every name of the search list before the name itself.",
      fix: searchFix(text))
  }

  private func searchFix(_ name: String) -> String {
    """
    Write the name with a final dot where programs allow it: \(name).
    Or in the pod's spec:
    dnsConfig:
      options: [{name: ndots, value: "2"}]
    """
  }

  /// Whether multicast DNS takes names of `.local` before DNS is asked.
  func multicast(_ examinations: [Examination]) -> DoctorCheck {
    let labels = options.zone.labels
    guard labels.last?.elementsEqual("local".utf8) == true else {
      return .ok(.mdns, "\(options.zone.relativeDescription) is not under .local")
    }
    let loopback = examinations.first { $0.resolver.address == IPAddress(v4: 0x7F00_0035) }
    let services = options.nameServices?.multicastBeforeDNS ?? []
    guard loopback != nil || !services.isEmpty else {
      guard options.nameServices != nil else { return .skipped(.mdns, "nsswitch.conf was not read") }
      return .ok(.mdns, "DNS is asked for .local")
    }
    let names = services.map { [$0.name, $0.action].compactMap(\.self).joined(separator: " ") }
    let seen = [
      names.isEmpty ? nil : "nsswitch.conf asks \(names.joined(separator: ", ")) before dns",
      loopback == nil ? nil : "nameserver 127.0.0.53 is systemd-resolved",
    ]
    let alias = options.zone.relativeDescription.dropLast("local".utf8.count) + "internal"
    return DoctorCheck(
      check: .mdns, status: loopback.map(\.impressions.isEmpty) == true ? .error : .warning, code: .mdnsLocal,
      seen: seen.compactMap(\.self).joined(separator: "; "),
      why: "Names under .local belong to multicast DNS (RFC 6762 §3): here they may never be asked for by DNS.",
      fix: """
        Give the zone an alias outside .local, in its SteeringZone, and use that:
        aliases: [\(alias)]
        """)
  }

  /// Whether all resolvers, and all replicas behind each, see us alike.
  func agreement(of examinations: [Examination]) -> DoctorCheck {
    var kinds: [(words: String, resolver: Endpoint)] = []
    for examination in examinations {
      let impressions = examination.impressions.isEmpty ? ["not served"] : examination.impressions
      for words in impressions where !kinds.contains(where: { $0.words == words }) {
        kinds.append((words, examination.resolver))
      }
    }
    let asked = examinations.count
    guard kinds.count > 1 else {
      if kinds.first?.words == "not served" { return .skipped(.agreement, "no resolver serves the zone") }
      return .ok(.agreement, asked == 1 ? "every answer of the resolver agrees" : "all \(asked) resolvers agree")
    }
    return .error(
      .agreement, .mixedAnswers,
      kinds.map { "\($0.resolver): \($0.words)" }.joined(separator: "; "),
      why: "Which answer a client gets depends on which resolver, or replica of it, it happens to ask.",
      fix: """
        Give every nameserver of resolv.conf, and every replica behind it, the same stub block; list no other there:
        a client goes to the next after a timeout, and believes NXDOMAIN from any.
        \(Remedy.stubBlock(options.zone.relativeDescription, server: options.server))
        """)
  }
}
