/// So many at once and so many a second in the long run.
struct TokenBucket {
  private let capacity: Double
  private let perSecond: Double
  private var tokens: Double
  private var filled: ContinuousClock.Instant

  /// A full bucket.
  init(capacity: Double, perSecond: Double, at now: ContinuousClock.Instant = .now) {
    self.capacity = capacity
    self.perSecond = perSecond
    tokens = capacity
    filled = now
  }

  /// Takes one, if there is one.
  mutating func take(at now: ContinuousClock.Instant = .now) -> Bool {
    if now > filled {
      tokens = min(capacity, tokens + (now - filled) / .seconds(1) * perSecond)
      filled = now
    }
    guard tokens >= 1 else { return false }
    tokens -= 1
    return true
  }
}
