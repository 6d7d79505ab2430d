import Testing

/// Waits until a condition holds; a test that waits in vain fails and ends.
///
/// It never blocks: what is waited for may need the thread.
func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
  let deadline = ContinuousClock.now + .seconds(60)
  while try await !condition() {
    try #require(ContinuousClock.now < deadline, "waited in vain: \(what)")
    // Between two looks, so as not to take the processor from what is waited for.
    try await Task.sleep(for: .milliseconds(5))
  }
}
