public import Logging
public import Steering
import SteeringPolicy

/// The proxy engine as a part that serves from snapshots: Squid's listeners and parents, and what is decided for them.
///
/// A new route's listener accepts before anyone is told its address; a route that is gone keeps its listener, which then
/// refuses everyone, for as long as its address may be remembered.
public actor ProxyEngine: SnapshotSink {
  /// A listener whose route is gone, or about to go.
  private struct Leftover {
    let listener: SquidConfiguration.Listener
    /// When it is closed; nil while its route still serves.
    var end: ContinuousClock.Instant?
  }

  /// The longest that a listener stays after its route is gone, in seconds.
  private static let longestLinger: UInt32 = 300

  private let settings: ProxySettings
  private let decider: Decider
  private let health: ParentHealth
  private let connections: OpenConnections
  private let logger: Logger
  /// The Squids: as many fleets as it takes, for one Squid has not room for any number of listeners.
  private var fleets: [SquidFleet] = []
  /// By port the fleet that has the listener, as an index; it keeps it as long as there is one.
  private var places: [UInt16: Int] = [:]
  /// What is served from; nil before the first generation.
  private var current: Snapshot?
  /// What Squid is made ready for, until it is served from.
  private var coming: Snapshot?
  /// By port the listeners that Squid has beside those of the generation that serves.
  private var leftovers: [UInt16: Leftover] = [:]
  /// How long the addresses of the generation before may be remembered, in seconds.
  private var linger: UInt32 = 0
  private var hasWarned = false
  /// The parents that are down.
  private var down: Set<EgressRoute.ParentProxy> = []
  /// Closes the leftovers in time.
  private var closing: Task<Void, Never>?

  /// An engine that does not run yet: the first `prepare` starts it.
  public init(
    settings: ProxySettings, decider: Decider, health: ParentHealth, connections: OpenConnections, logger: Logger
  ) {
    self.settings = settings
    self.decider = decider
    self.health = health
    self.connections = connections
    self.logger = logger
  }

  /// Opens the listeners of a generation beside those of the current one; throws if Squid does not come to serve them.
  public func prepare(_ snapshot: Snapshot) async throws {
    let ports = Set(snapshot.routes.map(\.listenerPort))
    for port in ports { leftovers[port] = nil }
    for listener in current?.listeners ?? [] where !ports.contains(listener.port) {
      leftovers[listener.port] = Leftover(listener: listener)
    }
    linger = min(current?.longestSteeredTTL ?? 0, Self.longestLinger)
    coming = snapshot
    health.follow(snapshot.routes + (current?.routes ?? []))
    do {
      try await apply()
    } catch {
      coming = nil
      leftovers = leftovers.filter { $0.value.end != nil }
      health.follow(current?.routes ?? [])
      throw snapshot.fault(error)
    }
  }

  /// Decides by a generation from now on.
  public func publish(_ snapshot: Snapshot) async throws {
    decider.publish(snapshot)
    let isNew = snapshot.generation != current?.generation
    current = snapshot
    warnOfUnclosable(snapshot)
    // Other pods come dozens of times a second, and connections are gone through every second: see `look`.
    if isNew { await connections.revoke(in: snapshot) }
  }

  /// Closes what nobody is told of any more: listeners after as long as an answer with them may be remembered.
  public func settle(_ snapshot: Snapshot) async {
    coming = nil
    health.follow(snapshot.routes)
    let end = ContinuousClock.now + .seconds(Int(linger))
    for port in leftovers.keys where leftovers[port]?.end == nil { leftovers[port]?.end = end }
    guard closing == nil, !leftovers.isEmpty else { return }
    closing = Task { await closeInTime() }
  }

  /// How everything is now.
  public func status() async -> ProxyStatus {
    var instances: [ProxyStatus.Instance] = []
    for fleet in fleets where settings.isSupervised {
      for instance in fleet.instances { instances.append(await instance.status()) }
    }
    var status = ProxyStatus(
      generation: current?.generation.description ?? "",
      engine: .init(kind: "squid", isSupervised: settings.isSupervised, instances: instances))
    let own = Set((current?.listeners ?? []).map(\.port))
    status.listeners =
      (current?.listeners ?? []).map { .init(port: $0.port, route: $0.route, isCurrent: true) }
      + leftovers.values.filter { !own.contains($0.listener.port) }.map {
        .init(port: $0.listener.port, route: $0.listener.route, isCurrent: false)
      }
    status.listeners.sort { $0.port < $1.port }
    status.parents = health.states.map(ProxyStatus.Parent.init)
    let counts = decider.counts
    let allowed: Set = [ProxyAuthorizer.Reason.allowed.rawValue, ProxyAuthorizer.Reason.reportMode.rawValue]
    status.decisions = counts.reasons.sorted { $0.key < $1.key }.map {
      .init(isAllowed: allowed.contains($0.key), reason: $0.key, count: $0.value)
    }
    status.malformed = counts.malformed
    status.helperConnections = counts.helpers
    status.enforceWouldDeny = counts.reasons[ProxyAuthorizer.Reason.reportMode.rawValue] ?? 0
    status.canCloseConnections = connections.canClose
    status.connections = connections.counts
    return status
  }

  /// Looks after what changes without a new generation: connections that are no longer allowed, parents that come up, logs
  /// that grow.
  public func look() async {
    for fleet in fleets where settings.isSupervised {
      for instance in fleet.instances { await instance.cutLog() }
    }
    if let current { await connections.revoke(in: current) }
    await welcomeParents()
  }

  /// Has the Squids read their configuration again when a parent came up.
  ///
  /// One that was down, or had no address, when Squid read of it stays out of use there until then.
  private func welcomeParents() async {
    let states = health.states.filter(\.isChecked)
    let up = Set(states.filter(\.isUp).map(\.parent))
    let recovered = down.intersection(up)
    down = Set(states.filter { !$0.isUp }.map(\.parent)).union(down.subtracting(up))
    guard !recovered.isEmpty else { return }
    for fleet in fleets {
      do {
        try await fleet.readAgain()
      } catch {
        logger.error("a Squid may not use a parent that came up", metadata: ["error": "\(error)"])
      }
    }
  }

  /// Lets open tunnels end for a while, then ends the Squids.
  public func stop() async {
    closing?.cancel()
    await withTaskGroup { group in
      for fleet in fleets { group.addTask { await fleet.stop() } }
    }
  }

  /// Warns, once, of routes whose connections would have to be closed and cannot be.
  private func warnOfUnclosable(_ snapshot: Snapshot) {
    let routes = snapshot.routes.filter { $0.onRevocation == .close }.map(\.name)
    guard !routes.isEmpty, !connections.canClose, !hasWarned else { return }
    hasWarned = true
    logger.error(
      "connections of routes with onRevocation Close stay open when they are revoked: give Steer CAP_NET_ADMIN",
      metadata: ["routes": "\(routes.prefix(5).joined(separator: " "))"])
  }

  /// Closes each leftover at its end, until none is left.
  private func closeInTime() async {
    defer { closing = nil }
    while let next = leftovers.values.compactMap(\.end).min() {
      // An answer with the address may be remembered until then. It fails only when the engine is stopped.
      guard (try? await Task.sleep(until: next)) != nil else { return }
      leftovers = leftovers.filter { $0.value.end.map { $0 > .now } ?? true }
      do {
        try await apply()
      } catch {
        logger.error(
          "listeners of routes that are gone stay open, and refuse everyone", metadata: ["error": "\(error)"])
      }
    }
  }

  /// Has the Squids serve what is served from, what is to come, and the leftovers.
  private func apply() async throws {
    let listeners = (coming ?? current)?.listeners ?? []
    let ports = Set(listeners.map(\.port))
    let all = listeners + leftovers.values.map(\.listener).filter { !ports.contains($0.port) }
    let routes = (coming?.routes ?? []) + (current?.routes ?? [])
    try place(all)
    for (index, fleet) in fleets.enumerated() {
      let own = all.filter { places[$0.port] == index }
      let ports = Set(own.map(\.port))
      let text =
        own.isEmpty
        ? nil
        : try SquidConfiguration(
          listeners: own, routes: routes.filter { ports.contains($0.listenerPort) },
          paths: settings.fleet(index + 1).paths
        ).text
      try await fleet.apply(text, ports: ports)
    }
  }

  /// Finds a fleet with room for each listener, and makes one more where there is none.
  private func place(_ listeners: [SquidConfiguration.Listener]) throws {
    let ports = Set(listeners.map(\.port))
    places = places.filter { ports.contains($0.key) }
    var counts = [Int](repeating: 0, count: fleets.count)
    for index in places.values { counts[index] += 1 }
    let room = max(1, SquidConfiguration.maximumSockets / max(1, settings.addresses.count))
    for port in ports.subtracting(places.keys).sorted() {
      var index = counts.firstIndex { $0 < room } ?? counts.count
      if index == counts.count {
        let own = settings.fleet(index + 1)
        try SquidAccount(settings).makeFolders(own)
        fleets.append(SquidFleet(settings: own, logger: logger) { [decider] in decider.counts.total })
        counts.append(0)
        index = counts.count - 1
      }
      places[port] = index
      counts[index] += 1
    }
  }
}

extension Snapshot {
  /// A fault of Squid as one of routes, if it is one of their listeners.
  fileprivate func fault(_ error: any Error) -> any Error {
    guard let error = error as? SquidError else { return error }
    let routes = routes.filter { error.ports.contains($0.listenerPort) }
    if routes.isEmpty { return error }
    return UnservableRoutes(Dictionary(routes.map { ($0.name, error.description) }) { first, _ in first })
  }

  /// The listeners of the routes.
  fileprivate var listeners: [SquidConfiguration.Listener] {
    routes.map { SquidConfiguration.Listener(port: $0.listenerPort, route: $0.name) }
  }
}
