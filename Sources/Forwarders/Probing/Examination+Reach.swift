import DNSWire

extension Examination {
  /// Says why there was no canary: the resolver is silent, or answers something else.
  mutating func reach(_ sight: Sight) -> [DoctorCheck] {
    switch sight {
    case .canary: return []
    case .other(let answer): return [.ok(.resolver, "answers"), notServed(answer.words, answer.response.rcode)]
    case .timeout, .failure:
      // Silence for one zone is the stub zone's fault, silence for the root the resolver's.
      let root = ask(DNSQuery(.root, .ns, to: resolver))
      if case .answer = root { return [.ok(.resolver, "answers for the root"), notServed(sight.words, nil)] }
      let unreachable = DoctorCheck.error(
        .resolver, .resolverUnreachable, "\(resolver): \(sight.words)",
        why: "Nothing can be looked up through this resolver.",
        fix: """
          Check that the resolver runs, that the address in resolv.conf is its own, and that NetworkPolicies allow
          this pod UDP and TCP port \(resolver.port) to \(resolver.address).
          """)
      return [unreachable, .skipped(.served, "the resolver does not answer")]
    }
  }

  private mutating func notServed(_ seen: String, _ rcode: ResponseCode?) -> DoctorCheck {
    let hint: String
    switch rcode {
    case .refused:
      hint = """
        REFUSED: the server asked does not serve \(zone), or the resolver refuses us. Compare the name of the stub
        block with 'zone' and 'aliases' of the SteeringZone.
        """
    case .nonexistentDomain, .noError:
      hint = "\(rcode?.description ?? ""): somebody else answered for \(zone): the resolver has no stub block for it."
    case .serverFailure:
      hint = """
        SERVFAIL: the resolver got no answer from the server it forwards to. Check that Steer is ready, and that
        NetworkPolicies let the resolver reach it on UDP and TCP port 53.
        """
    case .none:
      hint = """
        Other names are answered, \(zone) is not: the stub block forwards to an address where nobody answers. Check
        that Steer is ready, and that NetworkPolicies let the resolver reach it on UDP and TCP port 53.
        """
    default:
      hint = "The resolver cannot handle the question; see its log."
    }
    return .error(
      .served, .notServed, "_canary.\(zone): \(seen)" + direct(),
      why: "Questions for \(zone) do not reach Steer through \(resolver).",
      fix: hint + "\n" + Remedy.stubBlock(zone, server: options.server))
  }

  /// What the server itself says, where we can reach it.
  private mutating func direct() -> String {
    guard let server = options.server else { return "" }
    return "; \(server) itself: \(see(label: Self.nonce(), at: server).words)"
  }

  /// Whether the server knows the pods.
  func pods(_ canary: Canary) -> DoctorCheck {
    guard canary.identity == .unsynchronized else { return .ok(.pods, "the server does not wait for its pods") }
    return .error(
      .pods, .podsNotSynchronized, "the server has not yet read all pods",
      why: "Until it has, a client that it does not know gets SERVFAIL.",
      fix: """
        Wait until Steer is ready. If that does not come, its ServiceAccount may not list pods and namespaces:
        kubectl auth can-i list pods --all-namespaces --as system:serviceaccount:NAMESPACE:NAME
        """)
  }

  /// Whether a resolver that answers drops answers with addresses: what DNS rebinding protection does.
  mutating func filter() -> DoctorCheck {
    if let name = options.name, let server = options.server { return filter(name, past: server) }
    guard let query = query(Self.nonce(), .a) else { return .skipped(.filter, "the zone's name is too long") }
    switch ask(query) {
    case .answer(let answer) where !answer.response.addresses.isEmpty:
      return .skipped(.filter, "the canary's address passes; for private ones name --name NAME and --server ADDRESS")
    case .answer(let answer): return filtered("the canary's TXT passes, its address does not: \(answer.words)")
    case let outcome: return .skipped(.filter, "the canary's address: \(outcome.words)")
    }
  }

  private func filter(_ name: DomainName, past server: Endpoint) -> DoctorCheck {
    guard case .answer(let direct) = ask(DNSQuery(name, .a, to: server)), !direct.response.addresses.isEmpty
    else { return .skipped(.filter, "\(server) itself gives no address for \(name.relativeDescription)") }
    switch ask(DNSQuery(name, .a, to: resolver)) {
    case .answer(let answer) where !answer.response.addresses.isEmpty:
      return .ok(.filter, "addresses of \(name.relativeDescription) pass")
    case .answer(let answer) where answer.response.rcode == .noError:
      return filtered(
        "\(name.relativeDescription): \(direct.response.addresses[0]) from \(server), nothing from the resolver")
    case let outcome: return .skipped(.filter, "\(name.relativeDescription): \(outcome.words)")
    }
  }

  private func filtered(_ seen: String) -> DoctorCheck {
    .error(
      .filter, .rebindFiltered, seen,
      why: "A resolver that guards against DNS rebinding drops private addresses, and every proxy has one.",
      fix: """
        dnsmasq: --rebind-domain-ok=/\(zone)/
        unbound: private-domain: "\(zone)"
        """)
  }
}
