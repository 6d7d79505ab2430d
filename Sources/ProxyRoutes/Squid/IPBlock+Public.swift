import DNSWire

extension IPBlock {
  /// The blocks that no destination outside is in: this host, private and shared networks, link-local (where cloud metadata
  /// is), documentation, multicast, reserved, and the IPv6 forms that carry an IPv4 address (RFC 6890).
  static let notPublic: [IPBlock] = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
    "240.0.0.0/4",
    "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:db8::/32", "2002::/16", "fc00::/7",
    "fe80::/10", "fec0::/10", "ff00::/8",
  ].compactMap { try? IPBlock($0) }

  /// What is left of the block without others, as blocks.
  func subtracting(_ others: [IPBlock]) -> [IPBlock] {
    if others.contains(where: { $0.contains(first) && $0.contains(last) }) { return [] }
    guard others.contains(where: { contains($0.first) }), let (lower, upper) = halves else { return [self] }
    return lower.subtracting(others) + upper.subtracting(others)
  }

  /// The two halves of the block; nil if it is one address.
  private var halves: (IPBlock, IPBlock)? {
    guard let lower = try? IPBlock("\(first)/\(prefixLength + 1)") else { return nil }
    let (low, carries) = lower.last.low.addingReportingOverflow(1)
    let start = IPAddress(high: lower.last.high &+ (carries ? 1 : 0), low: low)
    guard let upper = try? IPBlock("\(start)/\(prefixLength + 1)") else { return nil }
    return (lower, upper)
  }
}
