import DNSWire

/// Text to paste that mends what was found.
enum Remedy {
  /// An option code as the Corefile writes it.
  static func hexadecimal(_ code: UInt16) -> String { "0x" + String(code, radix: 16) }

  /// The Corefile block of a zone.
  static func stubBlock(_ zone: String, server: Endpoint?) -> String {
    """
    In the Corefile of the resolver, with the address of Steer's Service:
    \(zone):53 {
        errors
        rewrite continue edns0 local unset 0xffee
        rewrite edns0 local set 0xffee {client_ip} revert
        forward . \(server.map { "\($0)" } ?? "ADDRESS-OF-STEER")
    }
    """
  }

  /// The Corefile lines by which a forwarder tells the server who asks, for the first source that the zone lists.
  static func identity(_ canary: Canary, zone: String) -> String {
    let start = "In the Corefile of the forwarder, in the block of \(zone), before 'forward':"
    for candidate in canary.candidates {
      guard let code = candidate.optionCode else { continue }
      let option = hexadecimal(code)
      if candidate.source.hasPrefix("edns-client-ip") {
        return """
          \(start)
              rewrite continue edns0 local unset \(option)
              rewrite edns0 local set \(option) {client_ip} revert
          """
      }
      if candidate.source.hasPrefix("edns-namespace") {
        return """
          \(start)
              metadata
              rewrite continue edns0 local unset \(option)
              rewrite edns0 local set \(option) {kubernetes/client-namespace} revert
          """
      }
      return """
        \(start)
            rewrite continue edns0 subnet unset
            rewrite edns0 subnet set 32 128 revert
        or, where the forwarder is dnsmasq: --strip-subnet --add-subnet=32,128
        """
    }
    return """
      In the SteeringZone of \(zone), list what the forwarder sends, and have it sent:
      identity:
        sources: [edns-client-ip:65518]
      and in the Corefile of the forwarder, in the block of \(zone), before 'forward':
          rewrite continue edns0 local unset 0xffee
          rewrite edns0 local set 0xffee {client_ip} revert
      """
  }

  /// The policy lines that make a forwarder trusted.
  static func trust(_ forwarder: IPAddress, zone: String) -> String {
    """
    In the SteeringZone of \(zone), if \(forwarder) is a forwarder that only the platform runs:
    identity:
      trustedForwarders:
        - cidr: \(IPBlock(forwarder))
    or, for CoreDNS in the cluster:
        - serviceAccount: {namespace: kube-system, name: coredns}
    """
  }

  /// The policy lines that make a forwarder believed in these sources, and in no other of the zone's.
  static func trust(_ forwarder: IPAddress, onlyIn sources: [String], zone: String) -> String {
    """
    In the SteeringZone of \(zone), believe \(forwarder) only in what it sets itself; in its entry, by 'cidr' or by
    'serviceAccount', name that:
    identity:
      trustedForwarders:
        - cidr: \(IPBlock(forwarder))
          sources: [\(sources.joined(separator: ", "))]
    """
  }

  /// How to take the cache out of the way.
  static func noCache(_ zone: String) -> String {
    """
    Remove the line 'cache' from the block of \(zone) in the Corefile of CoreDNS and of NodeLocal DNSCache.
    dnsmasq: --cache-size=0. dnsdist: no packet cache for the pool of \(zone).
    """
  }
}
