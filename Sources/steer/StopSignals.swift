import UnixSignals

/// The signals that end the server.
enum StopSignals {
  /// All of them.
  static let all: [UnixSignal] = [.sigterm, .sigint]

  /// Runs `body`, and cancels it when one of them comes: the first process of a container is ended by none that it does
  /// not take.
  static func cancelling<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let signals = await UnixSignalsSequence(trapping: all)
    return try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        for await _ in signals { break }
        return nil
      }
      defer { group.cancelAll() }
      guard let result = try await group.next() ?? nil else { throw CancellationError() }
      return result
    }
  }
}
