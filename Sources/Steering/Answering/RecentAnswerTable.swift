import DNSWire
import Synchronization

/// Which names were last answered with the addresses of routes, by client and listener port, as one thread saw it.
///
/// Of a fixed size: an answer takes the place of the oldest of the few that it may stand beside. The listener port stands
/// for the route, as no two routes share one, and as routes change their places with the policy.
///
/// One thread calls `record`, and any may call `latest`; neither waits for the other, nor allocates in `record`.
///
/// All memory is atomic words, allocated once, and the pointer never changes: there is no data race. A slot is read whole
/// or not at all, by the slot's first word, which is odd while the slot is written. Every other word is stored with
/// release and loaded with acquire. A reader that loads a word of a later write therefore sees, when it loads the first
/// word again, the odd number that the writer stored before that word, or one that came after, and they differ from what
/// it saw first. A reader that saw an even number loads no word of an earlier write, for the writer stored that number
/// with release when the words were there. So it is Sendable, which the compiler cannot see of a pointer.
@safe public final class RecentAnswerTable: @unchecked Sendable {
  /// Among how many slots an answer is looked for.
  private static let ways = 4
  /// How many such groups of slots there are, as a power of two.
  private static let setBits = 11
  /// The words of a slot: number of the write, time, client (2), listener port and length of the name, name (32).
  private static let slotSize = 37
  /// Where the name starts within its slot.
  private static let nameStart = 5
  /// How often a slot is read that is written meanwhile; then it counts as empty.
  private static let attempts = 16
  private static let wordCount = ways << setBits * slotSize

  private let words: UnsafeMutablePointer<Atomic<UInt64>>

  /// An empty table.
  public init() {
    unsafe words = .allocate(capacity: Self.wordCount)
    for index in 0..<Self.wordCount { unsafe (words + index).initialize(to: Atomic(0)) }
  }

  deinit {
    unsafe words.deinitialize(count: Self.wordCount)
    unsafe words.deallocate()
  }

  /// Notes that a client was answered for `name` with the addresses behind a listener port, at a time in milliseconds
  /// since 1970; only the owner calls it.
  func record(_ client: IPAddress, listenerPort: UInt16, name: borrowing QuestionName, at milliseconds: UInt64) {
    let slot = slotToWrite(client, listenerPort)
    let number = load(slot, .relaxed)
    store(number &+ 1, at: slot, .relaxed)
    store(milliseconds, at: slot + 1, .releasing)
    store(client.high, at: slot + 2, .releasing)
    store(client.low, at: slot + 3, .releasing)
    store(UInt64(listenerPort) << 16 | UInt64(name.length), at: slot + 4, .releasing)
    for start in stride(from: 0, to: name.length, by: 8) {
      var word: UInt64 = 0
      for index in start..<(start + 8) { word = word << 8 | UInt64(name[index]) }
      store(word, at: slot + Self.nameStart + start / 8, .releasing)
    }
    store(number &+ 2, at: slot, .releasing)
  }

  /// The last answer to a client with the addresses behind a listener port; nil if none is known.
  func latest(_ client: IPAddress, listenerPort: UInt16) -> RecentAnswer? {
    let first = firstSlot(client, listenerPort)
    for way in 0..<Self.ways {
      if let answer = read(first + way * Self.slotSize, client, listenerPort) { return answer }
    }
    return nil
  }

  private func read(_ slot: Int, _ client: IPAddress, _ listenerPort: UInt16) -> RecentAnswer? {
    for _ in 0..<Self.attempts {
      let number = load(slot, .acquiring)
      if number == 0 { return nil }
      if number & 1 == 1 { continue }
      let time = load(slot + 1, .acquiring)
      let isOther =
        load(slot + 2, .acquiring) != client.high || load(slot + 3, .acquiring) != client.low
        || load(slot + 4, .acquiring) >> 16 != UInt64(listenerPort)
      var name: [UInt8] = []
      if !isOther {
        let length = Int(load(slot + 4, .acquiring) & 0xFFFF)
        // A length of another write than the port's is found out below; it must not lead out of the slot.
        for index in 0..<min(length, 255) {
          let word = load(slot + Self.nameStart + index / 8, .acquiring)
          name.append(UInt8(truncatingIfNeeded: word >> UInt64(56 - index % 8 * 8)))
        }
      }
      guard load(slot, .relaxed) == number else { continue }
      return isOther ? nil : RecentAnswer(milliseconds: time, wire: name)
    }
    return nil
  }

  /// The slot that has the client and port already, or else the oldest that may have them.
  private func slotToWrite(_ client: IPAddress, _ listenerPort: UInt16) -> Int {
    let first = firstSlot(client, listenerPort)
    var oldest = first
    for way in 0..<Self.ways {
      let slot = first + way * Self.slotSize
      if load(slot + 2, .relaxed) == client.high, load(slot + 3, .relaxed) == client.low,
        load(slot + 4, .relaxed) >> 16 == UInt64(listenerPort)
      {
        return slot
      }
      if load(slot + 1, .relaxed) < load(oldest + 1, .relaxed) { oldest = slot }
    }
    return oldest
  }

  /// Where the slots start in which a client and port may stand.
  private func firstSlot(_ client: IPAddress, _ listenerPort: UInt16) -> Int {
    var hash = (client.high ^ UInt64(listenerPort)) &* 0x9E37_79B9_7F4A_7C15
    hash = (hash ^ hash >> 32 ^ client.low) &* 0x9E37_79B9_7F4A_7C15
    return Int(hash >> UInt64(64 - Self.setBits)) * Self.ways * Self.slotSize
  }

  // Every index is a slot's start, made from the top bits of a hash, and less than `slotSize` more.

  @inline(__always)
  private func load(_ index: Int, _ ordering: AtomicLoadOrdering) -> UInt64 {
    switch ordering {
    case .relaxed: unsafe words[index].load(ordering: .relaxed)
    default: unsafe words[index].load(ordering: .acquiring)
    }
  }

  @inline(__always)
  private func store(_ word: UInt64, at index: Int, _ ordering: AtomicStoreOrdering) {
    switch ordering {
    case .relaxed: unsafe words[index].store(word, ordering: .relaxed)
    default: unsafe words[index].store(word, ordering: .releasing)
    }
  }
}
