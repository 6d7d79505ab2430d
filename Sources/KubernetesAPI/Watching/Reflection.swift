/// How far a reflector is.
struct Reflection<Object: Sendable> {
  typealias Deliver = @Sendable ([Change<Object>]) async -> Void

  /// What is to be done next.
  enum Stage {
    /// Everything is to be told anew.
    case start
    /// Some pages are told; the next one is asked by this.
    case listing(continuation: String)
    /// Everything is told until `order.latest`.
    case watching
  }

  let reflector: Reflector<Object>
  var stage = Stage.start
  var order = EventOrder()
  var backoff: Backoff
  /// Whether the server has no watch that begins with all objects.
  var hasNoInitialEvents = false
  /// Whether initial events came, but not all: pages get on in steps.
  var prefersPages = false
  var pageSize: Int
  /// How often in a row the server said that it has no such resource.
  var absences = 0
  /// Whether the resource was there.
  var wasPresent = false

  init(_ reflector: Reflector<Object>) {
    self.reflector = reflector
    backoff = Backoff(first: reflector.settings.firstWait, longest: reflector.settings.longestWait)
    pageSize = max(1, reflector.settings.pageSize)
  }

  var client: KubernetesClient { reflector.client }
  var resource: Resource<Object> { reflector.resource }
  var settings: ReflectorSettings { reflector.settings }
  var path: String { resource.path(namespace: reflector.namespace) }

  /// Does the next step, and says how long to wait before the one after it.
  mutating func advance(_ deliver: Deliver) async -> Duration {
    do {
      switch stage {
      case .start where hasNoInitialEvents || prefersPages: try await list(after: nil, deliver)
      case .start: try await watch(fromStart: true, deliver)
      case .listing(let continuation): try await list(after: continuation, deliver)
      case .watching: return try await rewatch(deliver)
      }
      return .zero
    } catch {
      // What ends because we do is no fault of the server.
      guard !Task.isCancelled else { return .zero }
      return await recover(from: error, deliver)
    }
  }

  /// Watches on; a watch that the server ends at once is not asked for again at once.
  private mutating func rewatch(_ deliver: Deliver) async throws(RequestFault) -> Duration {
    let start = ContinuousClock.now
    let hasEvents = try await watch(fromStart: false, deliver)
    return hasEvents || ContinuousClock.now - start > .seconds(1) ? .zero : backoff.next()
  }

  /// Everything is told: `version` is what the watch goes on from.
  mutating func complete(at version: String) {
    order = EventOrder(after: version)
    stage = .watching
    prefersPages = false
    absences = 0
    wasPresent = true
    backoff.reset()
  }
}
