import Glibc
import Synchronization

/// A plain thread that runs a closure once and whose end can be awaited.
final class WorkerThread: Sendable {
  private enum State {
    case running
    case awaited(CheckedContinuation<Void, Never>)
    case ended
  }

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private let state = Mutex(State.running)

  /// Starts the thread; nil if the system has none to give.
  init?(_ run: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let body = unsafe Unmanaged.passRetained(
      Body {
        run()
        self.end()
      }
    ).toOpaque()
    let status = unsafe pthread_create(
      &thread, nil,
      { context in
        if let context = unsafe context {
          unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
        }
        return nil
      }, body)
    guard status == 0 else {
      unsafe Unmanaged<Body>.fromOpaque(body).release()
      return nil
    }
    pthread_detach(thread)
  }

  private func end() {
    state.withLock { state in
      if case .awaited(let continuation) = state { continuation.resume() }
      state = .ended
    }
  }

  /// Waits until the closure has returned.
  ///
  /// One caller may wait.
  func ended() async {
    await withCheckedContinuation { continuation in
      state.withLock { state in
        if case .ended = state {
          continuation.resume()
        } else {
          state = .awaited(continuation)
        }
      }
    }
  }
}
