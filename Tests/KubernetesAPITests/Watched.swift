import Foundation
import KubernetesAPI
import Logging
import Synchronization
import TestAPIServer
import TestSupport
import Testing

/// What a reflector told, and what is known by it, as a consumer would.
final class Watched<Object: Sendable & Hashable>: Sendable {
  struct State {
    var changes: [Change<Object>] = []
    var known: [String: Object] = [:]
    var told: Set<String> = []
    /// The fewest objects that were known since everything was told for the first time.
    var fewest: Int?
  }

  private let state = Mutex(State())
  private let name: @Sendable (Object) -> String

  init(name: @escaping @Sendable (Object) -> String) {
    self.name = name
  }

  var changes: [Change<Object>] { state.withLock { $0.changes } }
  var known: [String: Object] { state.withLock { $0.known } }
  var fewest: Int? { state.withLock { $0.fewest } }
  var isSynchronized: Bool { changes.contains(.synchronized) }
  var lists: Int { count(.relisting) }
  var losses: [String] {
    changes.compactMap {
      if case .lost(let reason) = $0 { return reason }
      return nil
    }
  }

  func count(_ change: Change<Object>) -> Int { changes.count { $0 == change } }

  func take(_ changes: [Change<Object>]) {
    state.withLock { state in
      state.changes += changes
      for change in changes {
        switch change {
        case .relisting: state.told = []
        case .applied(let object):
          state.known[name(object)] = object
          state.told.insert(name(object))
        case .deleted(let object): state.known[name(object)] = nil
        case .synchronized:
          state.known = state.known.filter { state.told.contains($0.key) }
          state.fewest = state.fewest ?? state.known.count
        case .heard, .lost: break
        }
        state.fewest = state.fewest.map { min($0, state.known.count) }
      }
    }
  }

  /// Waits until `condition` holds, a few seconds at most; what is waited for is the test's failure if it does not come.
  func wait(
    _ sourceLocation: SourceLocation = #_sourceLocation, until condition: @Sendable (Watched) -> Bool
  ) async throws {
    let end = ContinuousClock.now + .seconds(20)
    while !condition(self) {
      guard ContinuousClock.now < end else {
        Issue.record("not within 20 seconds; told was \(changes.suffix(20))", sourceLocation: sourceLocation)
        throw CancellationError()
      }
      // Between looks, so that others get on.
      try await Task.sleep(for: .milliseconds(5))
    }
  }
}

/// A cluster for a test: a server and how it is reached.
struct TestCluster {
  let server: TestAPIServer
  let client: KubernetesClient
  var settings = ReflectorSettings()

  /// Calls `body` with a cluster of its own.
  static func with(
    speaksHTTP2: Bool = true, pageSize: Int = 500,
    client clientSettings: KubernetesClient.Settings = KubernetesClient.Settings(),
    access: (@Sendable (TestAPIServer) throws -> ClusterAccess)? = nil,
    _ body: (TestCluster) async throws -> Void
  ) async throws {
    let server = try await TestAPIServer.start(speaksHTTP2: speaksHTTP2)
    let client = try KubernetesClient(
      try access?(server) ?? server.access(), settings: clientSettings, logger: Logger(label: "test"))
    var cluster = TestCluster(server: server, client: client)
    cluster.settings.pageSize = pageSize
    cluster.settings.firstWait = .milliseconds(5)
    cluster.settings.longestWait = .milliseconds(50)
    cluster.settings.absenceWait = .milliseconds(20)
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(cluster))
    } catch {
      result = .failure(error)
    }
    await client.shutdown()
    await server.stop()
    try result.get()
  }

  /// Runs a reflector while `body` looks at what it tells.
  func reflect<Object: Hashable>(
    _ resource: Resource<Object>, name: @escaping @Sendable (Object) -> String,
    each: @escaping @Sendable ([Change<Object>]) -> Void = { _ in },
    _ body: (Watched<Object>) async throws -> Void
  ) async throws {
    let watched = Watched(name: name)
    let reflector = Reflector(client, resource, settings: settings)
    let task = Task {
      await reflector.run { changes in
        watched.take(changes)
        each(changes)
      }
    }
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(watched))
    } catch {
      result = .failure(error)
    }
    task.cancel()
    await task.value
    try result.get()
  }

  /// Runs a reflector of pods while `body` looks at what it tells.
  func reflectPods(
    each: @escaping @Sendable ([Change<Pod>]) -> Void = { _ in }, _ body: (Watched<Pod>) async throws -> Void
  ) async throws {
    try await reflect(.pods, name: { "\($0.namespace)/\($0.name)" }, each: each, body)
  }

  func apply(_ name: String, _ address: String) throws {
    try server.apply(.pod(namespace: "team-a", name: name, addresses: [address]))
  }

  func delete(_ name: String) { server.delete(.pods, namespace: "team-a", name: name) }

  /// The requests for a resource of a verb.
  func requests(_ verb: APIVerb, _ resource: APIResource = .pods) -> [AnsweredRequest] {
    server.requests.filter { $0.verb == verb && $0.resource == resource }
  }
}

extension TestAPIServer {
  /// How this server is reached by its kubeconfig.
  func access(token: String? = TestAPIServer.firstToken) throws -> ClusterAccess {
    try TemporaryFolder.with { folder in
      let path = folder.appendingPathComponent("kubeconfig")
      try Data(kubeconfig(token: token).utf8).write(to: path)
      return try ClusterAccess.kubeconfig(path: path.path)
    }
  }
}
