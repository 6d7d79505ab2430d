import Foundation

/// What waits for a disk.
enum Blocking {
  /// Runs `body` on a thread of its own, so that it keeps no other task from running.
  static func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: body()) }
    }
  }
}
