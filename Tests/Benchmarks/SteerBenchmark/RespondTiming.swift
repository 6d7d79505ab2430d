/// `steer-benchmark respond`: the time that an answer takes in process, without the network.
enum RespondTiming {
  private static let queries = 100_000
  private static let rounds = 7

  /// Prints nanoseconds per query for each kind; false if nothing could be measured.
  static func run(_ arguments: [String]) -> Bool {
    report("\("ns per query, best of \(rounds) rounds".padded(to: 36)) best  median")
    do {
      try ExamplePolicy.askAll(arguments) { kind, asker in
        var times: [Double] = []
        for _ in 0..<rounds {
          let elapsed = ContinuousClock().measure { _ = asker.ask(kind, count: queries) }
          times.append(elapsed.inSeconds * 1e9 / Double(queries))
        }
        times.sort()
        report("\(kind.name.padded(to: 36)) \(times[0].text(digits: 1)) \(times[rounds / 2].text(digits: 1))")
      }
    } catch {
      report("error: \(error)")
      return false
    }
    return true
  }
}
