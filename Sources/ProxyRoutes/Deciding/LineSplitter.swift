/// Octets as they come → lines, of which none is kept beyond a limit.
struct LineSplitter {
  /// A line, without its end.
  enum Line: Equatable {
    case whole([UInt8])
    /// The first octets of a line that is longer than the limit, and whose rest is thrown away.
    case truncated([UInt8])
  }

  private let limit: Int
  private var octets: [UInt8] = []
  /// Where the next line starts in `octets`.
  private var start = 0
  /// How far `octets` has no line's end, from `start`.
  private var searched = 0
  /// Whether what comes next is the rest of a line that was too long.
  private var isDiscarding = false

  /// Splits into lines of `limit` octets at most.
  init(limit: Int) {
    self.limit = limit
  }

  /// Adds octets; the lines in them are to be taken before more are added.
  mutating func append(_ more: some Collection<UInt8>) {
    octets.removeSubrange(..<start)
    searched -= start
    start = 0
    octets += more
  }

  /// The next line, if it is there.
  mutating func next() -> Line? {
    while let end = octets[searched...].firstIndex(of: 0x0A) {
      let line = octets[start..<end]
      start = end + 1
      searched = start
      if isDiscarding {
        isDiscarding = false
      } else if line.count > limit {
        return .truncated(Array(line.prefix(limit)))
      } else {
        return .whole(Array(line))
      }
    }
    searched = octets.count
    guard octets.count - start > limit else { return nil }
    let line = octets[start...].prefix(limit)
    start = octets.count
    defer { isDiscarding = true }
    return isDiscarding ? nil : .truncated(Array(line))
  }
}
