import Testing

/// Waits until a condition holds; a test that waits in vain fails and ends.
func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
  // Longer than any machine is busy.
  let deadline = ContinuousClock.now + .seconds(60)
  while try await !condition() {
    try #require(ContinuousClock.now < deadline, "waited in vain until \(what)")
    // Between two looks, so as not to take the processor from what is waited for.
    try await Task.sleep(for: .milliseconds(5))
  }
}
