import Foundation
import Synchronization

/// Asks for as long as it is told, and judges every answer.
final class Questioner: Sendable {
  /// What was seen.
  struct Tally: Sendable {
    var asked = 0
    var lost = 0
    /// Answers that say neither an address nor that there is none.
    var refused = 0
    /// Answers that were never right.
    var unexplained = 0
    /// By how much answers were late that were right once.
    var late: [Duration] = []
  }

  private let truth: Truth
  private let port: UInt16
  private let tally = Mutex(Tally())
  private let isOver = Atomic(false)

  init(_ truth: Truth, port: UInt16) {
    self.truth = truth
    self.port = port
  }

  /// What was seen so far.
  var seen: Tally { tally.withLock { $0 } }

  /// Asks no more.
  func stop() { isOver.store(true, ordering: .relaxed) }

  /// Asks so many questions a second, on threads of its own: asking blocks.
  func start(rate: Int, threads: Int = 2) {
    let pause = Duration.seconds(1) / max(1, rate / threads)
    for _ in 0..<threads {
      Thread.detachNewThread {
        var next = ContinuousClock.now
        while !self.isOver.load(ordering: .relaxed) {
          self.askOnce()
          next += pause
          // Paces the questions; who is behind catches up.
          let ahead = next - .now
          if ahead > .zero { Thread.sleep(forTimeInterval: ahead / .seconds(1)) }
        }
      }
    }
  }

  /// Every other question is about an address that changed of late, for there a late answer shows.
  private func askOnce() {
    let slot = (Bool.random() ? truth.recentSlot() : nil) ?? Int.random(in: 0..<truth.slots)
    let asked = ContinuousClock.now
    let outcome = DNSQuestion.ask(from: SlotAddress(slot), port: port)
    let answered = ContinuousClock.now
    tally.withLock { tally in
      tally.asked += 1
      switch outcome {
      case .lost: tally.lost += 1
      case .refused: tally.refused += 1
      case .answered(let answer):
        switch truth.judge(answer, for: slot, asked: asked, answered: answered) {
        case .unexplained: tally.unexplained += 1
        case .explained(let late): if late > .zero { tally.late.append(late) }
        }
      }
    }
  }
}
