import CAllocations

/// `steer-benchmark allocations`: how often an answer asks the heap for memory, which it never should.
///
/// The count is exact and the same on every machine, so unlike a time it can be a test.
enum Allocations {
  private static let warmUp = 1_000
  private static let queries = 100_000

  /// Prints allocations per query for each kind; false if there are any, or nothing could be measured.
  static func run(_ arguments: [String]) -> Bool {
    guard countsAllocations() else {
      report("error: allocations are not counted here")
      return false
    }
    var total: UInt64 = 0
    do {
      try ExamplePolicy.askAll(arguments, keepingRecentAnswers: true) { kind, asker in
        _ = asker.ask(kind, count: warmUp)
        let before = callocations_count()
        _ = asker.ask(kind, count: queries)
        let count = callocations_count() - before
        total += count
        report("\(kind.name.padded(to: 36)) \((Double(count) / Double(queries)).text(digits: 3))")
      }
    } catch {
      report("error: \(error)")
      return false
    }
    report(total == 0 ? "no query allocates" : "error: some queries allocate")
    return total == 0
  }

  /// Whether an allocation that is surely made is seen.
  private static func countsAllocations() -> Bool {
    let before = callocations_count()
    let object = Object()
    return withExtendedLifetime(object) { callocations_count() > before }
  }

  private final class Object {
    var next: Object?
    @inline(never) init() {}
  }
}
