/// Runs `operation`, or gives up after `limit` with nil; what is given up is cancelled.
func within<Outcome: Sendable>(
  _ limit: Duration, _ operation: @escaping @Sendable () async throws -> Outcome
) async throws -> Outcome? {
  try await withThrowingTaskGroup(of: Outcome?.self) { group in
    defer { group.cancelAll() }
    group.addTask { try await operation() }
    group.addTask {
      // The limit of an answer's time: nothing but time says that an answer will not come.
      try await Task.sleep(for: limit)
      return nil
    }
    return try await group.next() ?? nil
  }
}
