import Testing

/// How long anything may take before a test fails: longer than any machine is busy.
private let patience = Duration.seconds(60)

/// Waits until `attempt` gives something; a test that waits in vain fails and ends.
///
/// It never blocks: what is waited for may need the thread.
func waiting<Result>(
  for what: @autoclosure () -> String, _ attempt: () async throws -> Result?
) async throws -> Result {
  let deadline = ContinuousClock.now + patience
  while true {
    if let result = try await attempt() { return result }
    try #require(ContinuousClock.now < deadline, "waited in vain: \(what())")
    // Between two looks, so as not to take the processor from what is waited for.
    try await Task.sleep(for: .milliseconds(5))
  }
}

/// Waits until a condition holds; a test that waits in vain fails and ends.
func eventually(_ what: @autoclosure () -> String, _ condition: () async throws -> Bool) async throws {
  try await waiting(for: what()) { try await condition() ? () : nil }
}
