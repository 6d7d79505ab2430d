import DNSWire
import SteeringPolicy

/// Destinations that are let through on the same ports by the same methods: those of one route, or of several alike.
///
/// Routes with other ports are apart, so that a name of one is not let through on the port of another.
struct ParentDestinations {
  /// Host names.
  let names: [DomainName]
  /// The suffixes of wildcards, none below another: below them all is let through, they themselves not.
  let suffixes: [DomainName]
  /// The ports, in order.
  let ports: [UInt16]
  /// Whether tunnels are let through.
  let takesTunnels: Bool
  /// The methods of plain HTTP that are let through, in order.
  let plainMethods: [SquidWord]

  private struct Key: Hashable, Comparable {
    let ports: [UInt16]
    let methods: [String]

    static func < (left: Key, right: Key) -> Bool {
      left.ports == right.ports
        ? left.methods.lexicographicallyPrecedes(right.methods) : left.ports.lexicographicallyPrecedes(right.ports)
    }
  }

  /// The destinations of routes, by ports and methods.
  static func all(of routes: [EgressRoute]) throws(ProxyRenderingError) -> [ParentDestinations] {
    let groups = Dictionary(grouping: routes) { route in
      Key(ports: Set(route.ports).sorted(), methods: Set(route.methods).sorted())
    }
    var all: [ParentDestinations] = []
    for (key, routes) in groups.sorted(by: { $0.key < $1.key }) {
      let patterns = Set(routes.flatMap(\.destinations))
      let wildcards = Set(patterns.filter(\.isWildcard).map(\.name))
      var methods: [SquidWord] = []
      for method in key.methods where method != SquidListener.tunnel { methods.append(try SquidWord(method: method)) }
      all.append(
        ParentDestinations(
          names: patterns.filter { !$0.isWildcard }.map(\.name).sorted(),
          suffixes: wildcards.filter { suffix in
            // One below another adds nothing, and Squid refuses both in one list.
            !wildcards.contains { $0 != suffix && suffix.isAtOrBelow($0) }
          }.sorted(),
          ports: key.ports, takesTunnels: key.methods.contains(SquidListener.tunnel), plainMethods: methods))
    }
    return all
  }
}
