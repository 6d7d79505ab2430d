import DNSWire

/// The name that was probably meant.
enum NearestName {
  /// ` (did you mean 'x'?)`, or nothing where no candidate is near.
  static func suggestion(for name: String, among candidates: some Sequence<String>) -> String {
    nearest(to: name, among: candidates).map { " (did you mean '\($0)'?)" } ?? ""
  }

  /// The candidate with the fewest edits, at most a third of the name; nil where none is as near.
  static func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
    let wanted = Array(name.utf8.map(\.asciiLowercased))
    guard wanted.count <= Limits.label else { return nil }
    var best: String?
    var bound = max(1, min(3, wanted.count / 3))
    for candidate in candidates {
      let octets = Array(candidate.utf8.map(\.asciiLowercased))
      guard abs(octets.count - wanted.count) <= bound else { continue }
      let edits = distance(wanted, octets)
      guard edits < bound || edits == bound && best == nil else { continue }
      (best, bound) = (candidate, edits)
    }
    return best
  }

  /// How many insertions, deletions, replacements and swaps of neighbours lie between two texts.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for i in left.indices {
      var row = [i + 1]
      for j in right.indices {
        var edits = min(row[j] + 1, last[j + 1] + 1, last[j] + (left[i] == right[j] ? 0 : 1))
        if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
          edits = min(edits, beforeLast[j - 1] + 1)
        }
        row.append(edits)
      }
      (beforeLast, last) = (last, row)
    }
    return last[right.count]
  }
}
