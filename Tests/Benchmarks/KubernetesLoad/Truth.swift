import Synchronization

/// What an address is answered.
enum SteeredAnswer: Equatable, Sendable {
  /// The name is not there for it.
  case nothing
  /// The address of a Service.
  case address(UInt32)
}

/// An address of loopback that a pod may have.
struct SlotAddress {
  /// In the order of the network.
  let number: UInt32

  /// The address of a slot: each part has three digits, as templates need it.
  init(_ slot: Int) {
    let parts = [slot / (156 * 156), slot / 156 % 156, slot % 156].map { UInt32(truncatingIfNeeded: 100 + $0) }
    number = 127 << 24 | parts[0] << 16 | parts[1] << 8 | parts[2]
  }

  /// As it is written.
  var text: String { [24, 16, 8, 0].map { String(number >> $0 & 0xFF) }.joined(separator: ".") }
}

/// What was true of each address and when: by this, answers are judged.
final class Truth: Sendable {
  /// A time in which an answer was right; it is so until the change after it was made whole.
  private struct Period {
    let answer: SteeredAnswer
    let begin: ContinuousClock.Instant
    var end: ContinuousClock.Instant?
  }

  /// How an answer is judged.
  enum Verdict {
    /// It was right for so long before the question was asked that it is late; zero if it was right then or later.
    case explained(late: Duration)
    /// It was never right.
    case unexplained
  }

  /// How many addresses there are.
  let slots: Int
  private let periods: Mutex<[[Period]]>
  /// Slots that changed of late, oldest first.
  private let recent = Mutex<[Int]>([])

  init(slots: Int) {
    self.slots = slots
    let begin = ContinuousClock.now
    periods = Mutex(Array(repeating: [Period(answer: .nothing, begin: begin)], count: slots))
  }

  /// What is right now.
  func answer(of slot: Int) -> SteeredAnswer { periods.withLock { $0[slot].last?.answer ?? .nothing } }

  /// A slot that changed of late; nil if none did.
  func recentSlot() -> Int? { recent.withLock { $0.randomElement() } }

  /// Makes another answer right, by what `body` does: before it none sees it, after it the old one is late.
  func change(_ slot: Int, to answer: SteeredAnswer, _ body: () -> Void) {
    let begin = ContinuousClock.now
    periods.withLock { $0[slot].append(Period(answer: answer, begin: begin)) }
    body()
    let end = ContinuousClock.now
    periods.withLock { periods in
      let old = periods[slot].count - 2
      if old >= 0 { periods[slot][old].end = end }
    }
    recent.withLock { recent in
      if recent.count >= 256 { recent.removeFirst() }
      recent.append(slot)
    }
  }

  /// Judges what came for a question that was asked at a time and answered at another.
  func judge(
    _ answer: SteeredAnswer, for slot: Int, asked: ContinuousClock.Instant, answered: ContinuousClock.Instant
  ) -> Verdict {
    periods.withLock { periods in
      let right = periods[slot].last { $0.answer == answer && $0.begin <= answered }
      guard let right else { return .unexplained }
      return .explained(late: right.end.map { max(.zero, asked - $0) } ?? .zero)
    }
  }
}
