/// What a route leads to, found without any code of Steer's.
public enum DestinationOracle {
  /// Whether a host and port are among what a route lists.
  public static func allows(_ host: String, _ port: Int, by route: RandomPolicy.Route) -> Bool {
    guard let name = normal(host), route.ports.contains(where: { Int($0) == port }) else { return false }
    return route.destinations.contains { pattern in
      guard pattern.hasPrefix("*.") else { return name == normal(pattern) }
      let suffix = pattern.dropFirst(1)
      return name.hasSuffix(suffix) && name.utf8.count > suffix.utf8.count
    }
  }

  /// A host name in small letters without its final dot; nil for whatever is no host name.
  private static func normal(_ host: String) -> String? {
    let pattern = /[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?/
    guard host.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
    let small = host.lowercased()
    guard small.wholeMatch(of: pattern) != nil, small.utf8.count <= 254 else { return nil }
    return small.hasSuffix(".") ? String(small.dropLast()) : small
  }
}
