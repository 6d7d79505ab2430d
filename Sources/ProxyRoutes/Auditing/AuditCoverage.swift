/// When a client had the addresses of a route: spans of time in milliseconds since 1970, apart and in order.
///
/// A client that asks again while an answer is good lengthens a span, so that there are few however much it asks: at most
/// one for each window of the time that the log covers.
struct AuditCoverage {
  private(set) var spans: [ClosedRange<UInt64>] = []

  /// Whether there is no span.
  var isEmpty: Bool { spans.isEmpty }

  /// Adds a span; spans may come in any order.
  mutating func add(_ span: ClosedRange<UInt64>) {
    // The log is nearly in order: look from the end.
    var first = spans.count
    while first > 0, spans[first - 1].upperBound >= span.lowerBound { first -= 1 }
    var last = first
    var union = span
    while last < spans.count, spans[last].lowerBound <= span.upperBound {
      union = min(union.lowerBound, spans[last].lowerBound)...max(union.upperBound, spans[last].upperBound)
      last += 1
    }
    spans.replaceSubrange(first..<last, with: CollectionOfOne(union))
  }

  /// Whether a time lies in a span.
  func contains(_ milliseconds: UInt64) -> Bool {
    let index = count(startingUpTo: milliseconds)
    return index > 0 && spans[index - 1].upperBound >= milliseconds
  }

  /// Whether a span starts before a time, or at it.
  func starts(before milliseconds: UInt64) -> Bool { count(startingUpTo: milliseconds) > 0 }

  /// How many spans start up to a time.
  private func count(startingUpTo milliseconds: UInt64) -> Int {
    var (low, high) = (0, spans.count)
    while low < high {
      let middle = (low + high) / 2
      if spans[middle].lowerBound <= milliseconds { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
