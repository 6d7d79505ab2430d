public import DNSWire
import Glibc
public import Steering
import Synchronization

/// Serves DNS over UDP and TCP from a snapshot, on any number of addresses.
///
/// Per address there are `Settings.threads` UDP workers, which share its port (`SO_REUSEPORT`), and a TCP listener.
/// A new snapshot reaches them without a socket being touched.
public final class DNSServer: SnapshotSink {
  /// How a server listens.
  public struct Settings: Sendable {
    /// Where; a port 0 is replaced by a free one, the same for UDP and TCP.
    public var endpoints: [Endpoint]
    /// Where else, for forwarders whose queries are all of one view's clients.
    public var viewListeners: [ViewListener]
    /// UDP workers per endpoint.
    public var threads: Int
    /// What TCP clients get.
    public var tcp: TCPLimits
    /// How queries are answered, besides what the policy says; `keepalive` is that of `tcp`.
    public var answers: AnswerSettings
    /// Whether it is kept which names were last answered with a route's addresses.
    public var keepsRecentAnswers: Bool

    /// Settings of endpoints, UDP workers for each, limits, and how to answer.
    public init(
      endpoints: [Endpoint], viewListeners: [ViewListener] = [], threads: Int, tcp: TCPLimits = TCPLimits(),
      answers: AnswerSettings = AnswerSettings(), keepsRecentAnswers: Bool = false
    ) {
      self.endpoints = endpoints
      self.viewListeners = viewListeners
      self.threads = threads
      self.tcp = tcp
      self.answers = answers
      self.keepsRecentAnswers = keepsRecentAnswers
    }
  }

  /// A listener that is bound to a view.
  public struct ViewListener: Hashable, Sendable {
    /// Where; as for `endpoints`.
    public var endpoint: Endpoint
    /// The view.
    public var view: ListenerView

    /// A listener for a view.
    public init(_ view: ListenerView, at endpoint: Endpoint) {
      self.view = view
      self.endpoint = endpoint
    }
  }

  /// How often a free port is tried that is free for TCP but not for UDP.
  private static let portAttempts = 16
  /// Seconds that TCP connections get to take their last answers when the server drains.
  private static let drainSeconds: Int64 = 5
  /// How long whoever reads the query log gets to take what is left of it when the server drains.
  private static let logDrain = Duration.seconds(1)

  /// Where the server listens, with the ports it was given: `Settings.endpoints`, then those of `viewListeners`.
  public let endpoints: [Endpoint]
  /// What the server writes down.
  public let logs: ServerLogs
  private let cell: SnapshotCell
  private let tcp: TCPListener
  private let workers: [UDPWorker]
  private let threads: [WorkerThread]

  /// Opens every socket, then starts to serve; throws a `SocketError` if one cannot be had, and then serves nothing.
  ///
  /// Queries are logged only where there is a log for them.
  public init(_ settings: Settings, serving snapshot: Snapshot, queryLog: LineLog? = nil) async throws {
    let cell = SnapshotCell(snapshot)
    let logs = ServerLogs(queries: queryLog, keepsRecentAnswers: settings.keepsRecentAnswers)
    let tcp = TCPListener(cell, limits: settings.tcp, answers: settings.answers, logs: logs)
    var workers: [UDPWorker] = []
    var endpoints: [Endpoint] = []
    do {
      let listeners = settings.endpoints.map { ($0, nil) } + settings.viewListeners.map { ($0.endpoint, $0.view) }
      for (endpoint, view) in listeners {
        let opened = try await Self.open(endpoint, view, settings, tcp, cell, logs)
        workers += opened
        endpoints.append(Endpoint(address: endpoint.address, port: opened.first?.port ?? endpoint.port))
      }
    } catch {
      await tcp.drain(seconds: 0)
      throw error
    }
    let threads = workers.compactMap { $0.start() }
    self.endpoints = endpoints
    self.logs = logs
    self.cell = cell
    self.tcp = tcp
    self.workers = workers
    self.threads = threads
    guard threads.count == workers.count else {
      await drain()
      throw SocketError(endpoint: settings.endpoints[0], errno: EAGAIN)
    }
  }

  /// Opens the TCP listener and the UDP sockets of one endpoint on one port.
  ///
  /// TCP goes first: a port that another server of this user has is refused there, while UDP would share it, and what
  /// the system then hands to the wrong one of the two is lost.
  private static func open(
    _ endpoint: Endpoint, _ view: ListenerView?, _ settings: Settings, _ tcp: TCPListener, _ cell: SnapshotCell,
    _ logs: ServerLogs
  ) async throws -> [UDPWorker] {
    var attempts = endpoint.port == 0 ? portAttempts : 1
    while true {
      attempts -= 1
      let bound = Endpoint(address: endpoint.address, port: try await tcp.listen(endpoint, for: view))
      do {
        return try (0..<max(settings.threads, 1)).map { _ in
          try UDPWorker(bound, cell, answers: settings.answers, view: view, logs: logs)
        }
      } catch let error as SocketError where error.errno == EADDRINUSE && attempts > 0 {
        await tcp.closeLastListener()
      }
    }
  }

  /// Serves from `snapshot` from the next batch of queries on.
  public func publish(_ snapshot: Snapshot) {
    cell.publish(snapshot)
  }

  /// Answers what has been received, closes every socket, ends the query log, and returns when all of it is done.
  public func drain() async {
    for worker in workers { worker.stop() }
    await tcp.drain(seconds: Self.drainSeconds)
    for thread in threads { await thread.ended() }
    await logs.queries?.end(within: Self.logDrain)
  }

  /// What happened so far, over all workers and connections.
  public func count(_ kind: Counters.Kind) -> UInt64 {
    (workers.map(\.counters) + [tcp.state.counters]).reduce(0) { $0 &+ $1[kind] }
  }

  /// What was answered of late with a route's addresses; nil if `Settings.keepsRecentAnswers` does not want it.
  public var recentAnswers: RecentAnswers? {
    guard logs.keepsRecentAnswers else { return nil }
    return RecentAnswers((workers.map(\.recentAnswers) + [tcp.state.recentAnswers]).compactMap(\.self))
  }

  /// Whom the server answered of late with addresses of routes.
  public var askers: Askers { Askers(workers.map(\.askers) + [tcp.state.askers]) }

  /// UDP answers that the system refused to send.
  public var sendFailures: UInt64 {
    workers.reduce(0) { $0 &+ $1.sendFailures.load(ordering: .relaxed) }
  }

  /// TCP connections closed at once because there were too many.
  public var refusedConnections: UInt64 { tcp.state.refusals.load(ordering: .relaxed) }
}
