import DNSWire

extension Examination {
  /// Whether EDNS reaches the server.
  func edns(_ canary: Canary, _ own: IPAddress) -> DoctorCheck {
    guard let edns = canary.edns else { return .skipped(.edns, "the server does not say what EDNS reached it") }
    guard edns == "none" else { return .ok(.edns, "EDNS reaches the server: payload \(edns)") }
    let needsOptions = canary.candidates.contains { $0.optionCode != nil } && canary.client != own
    return DoctorCheck(
      check: .edns, status: needsOptions ? .error : .warning, code: .optionsStripped,
      seen: "a question sent with EDNS reached the server without",
      why: "Without EDNS no option can say who asks, and answers over 512 octets go to TCP.",
      fix: """
        Find what strips OPT between the resolver and Steer: a firewall with DNS inspection, or an old forwarder.
        \(Remedy.identity(canary, zone: zone))
        """)
  }

  /// Whether the server believes the forwarder.
  func trust(_ canary: Canary, _ own: IPAddress) -> DoctorCheck {
    guard let forwarder = canary.forwarder else { return .skipped(.trust, "the server does not say who asked it") }
    let ignored = canary.candidates(.untrusted).map(\.source)
    if !ignored.isEmpty, !canary.isForwarderTrusted || canary.source == "none" {
      return .error(
        .trust, .forwarderNotTrusted,
        "\(forwarder) says who asks (\(ignored.joined(separator: ", "))), and is not believed",
        why: canary.isForwarderTrusted
          ? "The zone believes this forwarder in other sources only."
          : "The server takes an identity only from forwarders that the zone trusts; this one is not among them.",
        fix: canary.isForwarderTrusted
          ? Remedy.trust(forwarder, onlyIn: ignored, zone: zone) : Remedy.trust(forwarder, zone: zone))
    }
    if canary.isForwarderTrusted { return .ok(.trust, "\(forwarder) is a trusted forwarder") }
    if forwarder == own { return .ok(.trust, "we reach the server ourselves, without a forwarder") }
    return .skipped(.trust, "\(forwarder) is not trusted, and says nothing of who asks")
  }

  /// Whether Client Subnet arrives whole.
  func subnet(_ canary: Canary) -> DoctorCheck {
    guard let candidate = canary.candidates.first(where: { $0.optionCode == EDNSOptionCode.clientSubnet }) else {
      return .ok(.subnet, "the zone takes no identity from Client Subnet")
    }
    switch candidate.result {
    case .tooCoarse:
      return .error(
        .subnet, .ecsTruncated, "Client Subnet reaches the server as \(candidate.value ?? "a prefix")",
        why: "A prefix names many clients; only a whole address names one.",
        fix: """
          CoreDNS: rewrite edns0 subnet set 32 128
          dnsmasq: --strip-subnet --add-subnet=32,128
          dnsdist: setECSSourcePrefixV4(32) setECSSourcePrefixV6(128)
          """)
    case .absent: return .skipped(.subnet, "no Client Subnet reached the server")
    default: return .ok(.subnet, "Client Subnet reaches the server (\(candidate.result.rawValue))")
    }
  }

  /// Whether two sources name two clients.
  func conflict(_ canary: Canary) -> DoctorCheck {
    let conflicting = canary.candidates(.conflicting)
    if conflicting.isEmpty { return .ok(.conflict, "no two sources name two clients") }
    return .error(
      .conflict, .identityConflicting,
      "\(conflicting.map(\.source).joined(separator: ", ")) names another client than the other sources",
      why: "The server believes neither: the client is unknown.",
      fix: """
        Let one forwarder alone say who asks, and remove what others set on the way:
        \(Remedy.identity(canary, zone: zone))
        """)
  }

  /// Whether the server takes us for ourselves.
  func identity(_ canary: Canary, _ own: IPAddress) -> DoctorCheck {
    if canary.identity == .unsynchronized { return .skipped(.identity, "the server has not yet read all pods") }
    let seen = "asked from \(own), seen as \(canary.clientWords)"
    if let namespace = canary.namespace, let expected = options.namespace, namespace != expected {
      return lost("\(seen); we are in namespace \(expected)", canary, own)
    }
    guard let client = canary.client else {
      // The namespace alone is enough, if it is ours; without knowing ours it is only likely.
      guard let namespace = canary.namespace else { return lost(seen, canary, own) }
      return options.namespace == nil
        ? .skipped(.identity, "\(seen); name --namespace to tell whether \(namespace) is ours") : .ok(.identity, seen)
    }
    guard client == own else {
      // A resolver on loopback is asked from loopback: the address that pods know us by is not seen here.
      if own.isLoopback, options.namespace == nil || canary.namespace == options.namespace, client != canary.forwarder
      {
        return canary.namespace == nil || options.namespace == nil
          ? .skipped(.identity, "\(seen); the resolver is on loopback, so our address is not known; name --namespace")
          : .ok(.identity, seen)
      }
      return lost(seen, canary, own)
    }
    switch canary.identity {
    case .unknown, .node:
      guard options.namespace == nil else { return unknownPod(seen, canary, .error) }
      return canary.identity == .node ? .ok(.identity, seen) : unknownPod(seen, canary, .warning)
    default: return .ok(.identity, seen)
    }
  }

  private func lost(_ seen: String, _ canary: Canary, _ own: IPAddress) -> DoctorCheck {
    var fix = Remedy.identity(canary, zone: zone)
    if let forwarder = canary.forwarder, forwarder != own, !canary.isForwarderTrusted {
      fix += "\n" + Remedy.trust(forwarder, zone: zone)
    }
    return .error(
      .identity, .identityLost, seen,
      why: "The server cannot tell who we are, and answers as for somebody else.", fix: fix)
  }

  private func unknownPod(_ seen: String, _ canary: Canary, _ status: DoctorCheck.Status) -> DoctorCheck {
    DoctorCheck(
      check: .identity, status: status, code: .identityLost, seen: seen,
      why: canary.identity == .node
        ? "A pod with hostNetwork shares its node's address and has no identity of its own."
        : "The address arrives, but belongs to no pod, namespace or block that the server knows.",
      fix: canary.identity == .node
        ? "Run the pod without hostNetwork, or name the node's address in 'ipBlocks' of an EgressPolicy."
        : "Check that the pod is in the server's inventory, or name its address in 'ipBlocks' of an EgressPolicy.")
  }
}

extension IPAddress {
  /// Whether the address is loopback's.
  var isLoopback: Bool { isIPv4 ? octets[0] == 127 : high == 0 && low == 1 }
}
