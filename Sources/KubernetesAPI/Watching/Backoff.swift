/// How long to wait after faults: twice as long after each, and never as long as others do.
struct Backoff {
  private let first: Duration
  private let longest: Duration
  private var faults = 0

  init(first: Duration, longest: Duration) {
    self.first = first
    self.longest = longest
  }

  /// The wait after one more fault.
  mutating func next() -> Duration {
    // 2²⁰ times the first wait is longer than any longest one.
    let wait = min(first * (1 << min(faults, 20)), longest)
    faults &+= 1
    return Self.jittered(wait)
  }

  /// Things went well again.
  mutating func reset() { faults = 0 }

  /// `wait` times 0.8 to 1.2, so that many clients of one server do not come back all at once.
  static func jittered(_ wait: Duration) -> Duration { wait * Double.random(in: 0.8...1.2) }
}
