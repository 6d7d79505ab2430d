import SteeringPolicy

/// A port that Squid listens on, with what its routes say of the methods.
struct SquidListener: Sendable {
  /// The method of tunnels, which a route takes that says nothing of methods.
  static let tunnel = "CONNECT"

  /// The port.
  let port: UInt16
  /// The listener's name: its route's, or the first one's while a route is replaced by another on the same port.
  let name: SquidWord
  /// Whether tunnels are taken.
  let takesTunnels: Bool
  /// The methods of plain HTTP that are taken, in order.
  let plainMethods: [SquidWord]

  /// The listeners by port, each port once.
  static func all(
    of listeners: [SquidConfiguration.Listener], routes: [EgressRoute]
  ) throws(ProxyRenderingError) -> [SquidListener] {
    let methods = Dictionary(routes.map { ($0.name, Set($0.methods)) }) { $0.union($1) }
    var names: [UInt16: Set<String>] = [:]
    for listener in listeners { names[listener.port, default: []].insert(listener.route) }
    var all: [SquidListener] = []
    for (port, routes) in names.sorted(by: { $0.key < $1.key }) {
      let routes = routes.sorted()
      let taken = routes.reduce(into: Set<String>()) { $0.formUnion(methods[$1] ?? [tunnel]) }
      var plainMethods: [SquidWord] = []
      for method in taken.subtracting([tunnel]).sorted() { plainMethods.append(try SquidWord(method: method)) }
      all.append(
        SquidListener(
          port: port, name: try SquidWord(route: routes[0]), takesTunnels: taken.contains(tunnel),
          plainMethods: plainMethods))
    }
    return all
  }
}
