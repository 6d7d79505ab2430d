/// How long anything may take before a test fails: longer than any machine is busy.
private let patience = Duration.seconds(60)

/// What did not come to be while a test waited.
public struct WaitedInVain: Error, CustomStringConvertible {
  /// What was waited for.
  public let description: String
}

/// Waits until `attempt` gives something; a test that waits in vain fails and ends.
///
/// It never blocks: what is waited for may need the thread.
public func waiting<Result>(
  for what: @autoclosure () -> String, _ attempt: () async throws -> Result?
) async throws -> Result {
  let deadline = ContinuousClock.now + patience
  while true {
    if let result = try await attempt() { return result }
    guard ContinuousClock.now < deadline else { throw WaitedInVain(description: "waited in vain: \(what())") }
    // Between two looks, so as not to take the processor from what is waited for.
    try await Task.sleep(for: .milliseconds(5))
  }
}

/// Waits until a condition holds; a test that waits in vain fails and ends.
public func eventually(_ what: @autoclosure () -> String, _ condition: () async throws -> Bool) async throws {
  try await waiting(for: what()) { try await condition() ? () : nil }
}
