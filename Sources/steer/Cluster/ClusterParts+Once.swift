import Control

extension ClusterParts {
  /// How often it is looked whether everything was told.
  private static let glance = Duration.milliseconds(20)
  /// How long a command waits for the next object.
  private static let patience = Duration.seconds(30)
  /// The same while the server cannot be heard: it may be restarting.
  private static let patienceWithFaults = Duration.seconds(5)

  /// That the API server did not tell everything.
  struct NotSynchronized: Error, CustomStringConvertible {
    let description: String

    /// What is not told, of all that is read.
    init(_ states: [Freshness.State]) {
      let causes = states.filter { !$0.isSynchronized }.map { state in
        (state.resource.rawValue, state.lost ?? "\(state.count), and no more came")
      }
      description = "the API server does not tell what it has; \(GroupedCauses(causes, of: states.count))"
    }
  }

  /// Waits until everything that is read was told once, for a command that goes on with that; throws if no more comes.
  func synchronizeOnce() async throws {
    var (counts, last) = ([Int](), ContinuousClock.now)
    while !watch.freshness.isSynchronized {
      let states = watch.freshness.states
      if states.map(\.count) != counts { (counts, last) = (states.map(\.count), .now) }
      let missing = states.filter { !$0.isSynchronized }
      let patience = missing.contains { $0.lost != nil } ? Self.patienceWithFaults : Self.patience
      guard ContinuousClock.now < last + patience else { throw NotSynchronized(states) }
      // Looking: eight reflectors and a clock tell, each in its own time, and this is done once in a command's life.
      try await Task.sleep(for: Self.glance)
    }
  }
}
