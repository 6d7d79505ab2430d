import Glibc
import Synchronization

/// Who was answered with addresses of which routes, and when last, as one thread saw it.
///
/// Of a fixed size: an asker takes the place of the oldest of the few that it may stand beside. Whoever reads must know
/// whom to look for: of asker and route there is a hash only, so that a slot is one word, which is read and written whole.
///
/// One thread calls `record`, and any may call `hasAsked`; neither waits for the other, nor allocates.
public final class AskerTable: Sendable {
  /// Among how many slots an asker is looked for.
  private static let ways = 4
  /// How many slots there are: several routes for each of 5,000 identities, and 256 KB.
  private static let slotCount = 1 << 15
  /// The bits of a slot that have the time in seconds, which comes again after half a year; the others tell askers apart.
  private static let timeBits: UInt64 = 24
  private static let timeMask: UInt64 = 1 << timeBits - 1

  private let slots = InlineArray<32768, Atomic<UInt64>> { _ in Atomic(0) }

  /// An empty table.
  public init() {}

  /// The time that askers are noted with: seconds of a clock that nobody sets.
  public static func seconds() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
    return UInt64(max(time.tv_sec, 0))
  }

  /// Notes that an asker was answered with addresses behind a listener port; only the owner calls it.
  func record(_ asker: AskerKey, listenerPort: UInt16, at seconds: UInt64) {
    let hash = asker.hash(with: listenerPort)
    let word = hash & ~Self.timeMask | seconds & Self.timeMask
    let first = Self.firstSlot(hash)
    var oldest = first
    var age: UInt64 = 0
    for slot in first..<(first + Self.ways) {
      let other = slots[slot].load(ordering: .relaxed)
      if (other ^ hash) & ~Self.timeMask == 0 {
        // Most ask more than once a second, and a line of memory that nobody writes is every core's.
        if other != word { slots[slot].store(word, ordering: .relaxed) }
        return
      }
      let otherAge = other == 0 ? .max : (seconds &- other) & Self.timeMask
      if otherAge > age { (oldest, age) = (slot, otherAge) }
    }
    slots[oldest].store(word, ordering: .relaxed)
  }

  /// Whether an asker was answered with addresses behind a listener port in the last `period` seconds.
  func hasAsked(_ asker: AskerKey, listenerPort: UInt16, within period: UInt64, at seconds: UInt64) -> Bool {
    let hash = asker.hash(with: listenerPort)
    let first = Self.firstSlot(hash)
    return (first..<(first + Self.ways)).contains { slot in
      let word = slots[slot].load(ordering: .relaxed)
      return word != 0 && (word ^ hash) & ~Self.timeMask == 0 && (seconds &- word) & Self.timeMask <= period
    }
  }

  private static func firstSlot(_ hash: UInt64) -> Int {
    Int(truncatingIfNeeded: hash) & (slotCount / ways - 1) * ways
  }
}

/// A client as far as it is noted that it asked: its service account, its namespace, or what kind of client it is.
struct AskerKey: Hashable, Sendable {
  private let hash: UInt64

  /// The pods of an identity.
  init(_ identity: PodIndex.Identity) {
    hash = Self.hash("\(identity.namespace)/\(identity.serviceAccount)")
  }

  /// The clients of a namespace whose pod is not known.
  init(namespace: String) {
    hash = Self.hash(namespace)
  }

  /// The clients that are no pods of a kind: `word` begins with a blank, as no namespace does.
  private init(kind word: String) {
    hash = Self.hash(" \(word)")
  }

  static let block = AskerKey(kind: "block")
  static let node = AskerKey(kind: "node")
  static let key = AskerKey(kind: "key")
  static let unknown = AskerKey(kind: "unknown")

  private static func hash(_ text: String) -> UInt64 {
    text.utf8.reduce(NameHash.seed(0)) { NameHash.adding($1, to: $0) }
  }

  /// A hash of the asker and a listener port, good in every bit.
  func hash(with listenerPort: UInt16) -> UInt64 {
    var hash = (hash ^ UInt64(listenerPort)) &* 0xD6E8_FEB8_6659_FD93
    hash = (hash ^ hash >> 32) &* 0xD6E8_FEB8_6659_FD93
    return hash ^ hash >> 32
  }
}
