public import Logging
import NIOPosix
public import Steering
import SteeringPolicy
import Synchronization

/// The open connections of clients by routes that close what is revoked.
///
/// What a connection was let through for is remembered, and decided anew by each snapshot. A connection of which nothing
/// is remembered, because there are too many or because it is older than this process, is closed once its client may
/// not use the route at all.
public final class OpenConnections: ConnectionTracking {
  /// How much is and was done.
  public struct Counts: Codable, Hashable, Sendable {
    /// Connections that are remembered now.
    public var remembered = 0
    /// Connections that were forgotten because there were too many.
    public var forgotten: UInt64 = 0
    /// Connections that were closed because they were no longer allowed.
    public var closed: UInt64 = 0
  }

  /// The most connections that are remembered, unless it is said otherwise.
  static let defaultCapacity = 200_000
  /// How long a connection of which nothing is remembered has until it is judged: its CONNECT is still to be decided,
  /// or was just refused, and its client is to read why.
  private static let grace = Duration.seconds(1)
  /// How many connections that were closed at a look are logged one by one.
  private static let loggedOneByOne = 20

  /// Whether connections can be closed here: needs CAP_NET_ADMIN.
  public let canClose: Bool

  private let logger: Logger
  private let memory: Mutex<ConnectionMemory>
  private let looks: Mutex<Looks>

  /// What one look at the sockets leaves to the next.
  private struct Looks: ~Copyable {
    var sockets: SocketDiagnostics?
    /// Listeners of routes that close what is revoked: of this generation, and of ones before while they have
    /// connections.
    var ports: Set<UInt16> = []
    /// Connections of which nothing is remembered, by cookie.
    var strangers: [UInt64: Stranger] = [:]
    /// How many connections this look has closed.
    var closed = 0
    /// The last failure that was told.
    var failure: SocketDiagnostics.Failure?
  }

  private struct Stranger {
    let since: ContinuousClock.Instant
    /// The snapshot that allowed it last, by number; 0 is none.
    var snapshotNumber: UInt64 = 0
  }

  /// What becomes of a connection.
  private enum Fate {
    /// It is allowed.
    case goesOn
    /// Its route no longer closes what is revoked.
    case isReleased
    /// It is closed, for a reason.
    case ends(String)
  }

  /// No connections yet, of the calling thread's network namespace.
  public convenience init(logger: Logger) {
    self.init(logger: logger, capacity: Self.defaultCapacity)
  }

  init(logger: Logger, capacity: Int) {
    self.logger = logger
    memory = Mutex(ConnectionMemory(capacity: capacity))
    var looks = Looks()
    var canClose = false
    do {
      var sockets = try SocketDiagnostics()
      canClose = sockets.canClose()
      looks.sockets = consume sockets
    } catch {
      logger.warning("the system's sockets cannot be listed", metadata: ["error": "\(error)"])
    }
    self.canClose = canClose
    self.looks = Mutex(looks)
  }

  /// How much is and was done.
  public var counts: Counts { memory.withLock { $0.counts } }

  /// Remembers a connection, if its route closes what is revoked.
  public func opened(_ request: ProxyRequest, route: Int, in snapshot: Snapshot) {
    let egress = snapshot.routes[route]
    guard egress.onRevocation == .close else { return }
    let pod = ProxyAuthorizer.decide(request, in: snapshot).holder
    memory.withLock { $0.add(request, route: egress.name, pod: pod, allowedBy: snapshot) }
  }

  /// Closes what `snapshot` no longer allows, and forgets connections that have ended.
  ///
  /// To be called after each publication, and each second besides: for connections that were still decided by the
  /// snapshot before, and for those of which nothing is remembered.
  public func revoke(in snapshot: Snapshot) async {
    // The calling thread waits while the kernel goes through its sockets.
    try? await NIOThreadPool.singleton.runIfActive { self.look(by: snapshot) }
  }

  private func look(by snapshot: Snapshot) {
    looks.withLock { looks in
      looks.closed = 0
      // What is remembered from here on may not be in the kernel's list yet.
      guard
        let (number, remembered) = memory.withLock({ memory in
          memory.begin(snapshot).map { ($0, memory.listenerPorts) }
        })
      else { return }
      var current: [UInt16: EgressRoute.Revocation] = [:]
      for route in snapshot.routes { current[route.listenerPort] = route.onRevocation }
      looks.ports.formUnion(current.filter { $0.value == .close }.keys)
      looks.ports = looks.ports.filter { current[$0] != .keep }
      let watched = looks.ports.union(remembered)
      guard let first = watched.min(), let last = watched.max() else { return looks.strangers = [:] }
      var open: [SocketDiagnostics.Connection] = []
      do throws(SocketDiagnostics.Failure) {
        guard let found = try looks.sockets?.connections(toPorts: first...last) else { return }
        open = found.filter { watched.contains($0.localPort) }
      } catch {
        return report(error, of: &looks)
      }
      let ports = Set(open.map(\.localPort))
      looks.ports = looks.ports.filter { current[$0] == .close || ports.contains($0) }

      let (candidates, unknown) = memory.withLock { $0.compare(open, upTo: number) }
      for candidate in candidates {
        switch fate(of: candidate.entry, in: snapshot) {
        case .goesOn: memory.withLock { $0.allow(candidate) }
        case .isReleased: memory.withLock { $0.release(candidate) }
        case .ends(let reason): close(candidate.connection, candidate, because: reason, &looks)
        }
      }
      judge(unknown.filter { looks.ports.contains($0.localPort) }, by: snapshot, &looks)
      guard looks.closed > Self.loggedOneByOne else { return }
      logger.notice("connections that are no longer allowed were closed", metadata: ["count": "\(looks.closed)"])
    }
  }

  /// Closes connections of which nothing is remembered, if their client may not use the route.
  private func judge(
    _ connections: [SocketDiagnostics.Connection], by snapshot: Snapshot, _ looks: inout Looks
  ) {
    let now = ContinuousClock.now
    let snapshotNumber = memory.withLock { $0.snapshotNumber }
    var strangers: [UInt64: Stranger] = [:]
    for connection in connections {
      var stranger = looks.strangers[connection.cookie] ?? Stranger(since: now)
      defer { strangers[connection.cookie] = stranger }
      guard stranger.since.duration(to: now) >= Self.grace, stranger.snapshotNumber != snapshotNumber else {
        continue
      }
      if let reason = snapshot.refusal(of: connection) {
        close(connection, nil, because: reason, &looks)
      } else {
        stranger.snapshotNumber = snapshotNumber
      }
    }
    looks.strangers = strangers
  }

  private func fate(of entry: ConnectionMemory.Entry, in snapshot: Snapshot) -> Fate {
    let decision = ProxyAuthorizer.decide(entry.request, in: snapshot)
    guard let route = decision.route.map({ snapshot.routes[$0] }), route.name == entry.route else {
      return .ends("the route is gone")
    }
    if route.onRevocation == .keep { return .isReleased }
    if let pod = entry.pod, let holder = decision.holder, pod != holder {
      return .ends("the address has another pod")
    }
    // Nothing was revoked: the pods are just not known.
    return decision.isAllowed || decision.reason == .notReady ? .goesOn : .ends(decision.reason.rawValue)
  }

  private func close(
    _ connection: SocketDiagnostics.Connection, _ candidate: ConnectionMemory.Candidate?, because reason: String,
    _ looks: inout Looks
  ) {
    do {
      try looks.sockets?.close(connection)
    } catch {
      // What is remembered of it stays, so that the next look tries again.
      return report(error, of: &looks)
    }
    looks.failure = nil
    memory.withLock { $0.close(candidate) }
    looks.closed += 1
    guard looks.closed <= Self.loggedOneByOne else { return }
    var metadata: Logger.Metadata = [
      "client": "\(connection.peer)", "clientPort": "\(connection.peerPort)",
      "listenerPort": "\(connection.localPort)", "reason": "\(reason)",
    ]
    if let entry = candidate?.entry {
      metadata["route"] = "\(entry.route)"
      metadata["destination"] = "\(entry.request.destination)"
    }
    logger.notice("a connection that is no longer allowed was closed", metadata: metadata)
  }

  /// Tells of a failure, once for as long as it is the same.
  private func report(_ failure: SocketDiagnostics.Failure, of looks: inout Looks) {
    guard looks.failure != failure else { return }
    looks.failure = failure
    logger.error(
      "connections that are no longer allowed stay open: the system's sockets cannot be listed or closed",
      metadata: ["error": "\(failure)"])
  }
}

extension ProxyDecision {
  /// The pod that has the client's address, as `NAMESPACE/POD`; nil if none is known.
  fileprivate var holder: String? {
    guard let namespace, let pod else { return nil }
    return "\(namespace)/\(pod)"
  }
}

extension Snapshot {
  /// Why the client of a connection may not use the listener's route for anything; nil if it may.
  fileprivate func refusal(of connection: SocketDiagnostics.Connection) -> String? {
    let route = route(listenerPort: connection.localPort).map { routes[$0] }
    let pattern = route?.destinations.first
    let host = pattern.map { ($0.isWildcard ? "any." : "") + $0.name.relativeDescription } ?? ""
    let request = ProxyRequest(
      client: connection.peer, clientPort: connection.peerPort, listenerPort: connection.localPort,
      method: route?.methods.first ?? "CONNECT",
      destination: Destination(host: host, port: route?.ports.first ?? 443))
    let decision = ProxyAuthorizer.decide(request, in: self)
    switch decision.reason {
    case .deniedByRule, .noRule, .unknownClient, .noRoute: return decision.reason.rawValue
    // Only a destination could be wrong, and which one it has is not known.
    default: return nil
    }
  }
}
