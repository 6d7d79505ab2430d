import Synchronization

/// The distinct identities of a pod index, numbered as they came.
///
/// Indexes that are made of one another number alike: what was computed for each identity of one is good for the other.
struct PodIdentities: Sendable {
  /// Gives out the numbers, to every index that was made of the first one.
  private final class Numbering: Sendable {
    struct State {
      var all: [PodIndex.Identity] = []
      var numbers: [PodIndex.Identity: UInt32] = [:]
    }

    let state = Mutex(State())
  }

  /// How many identities are nothing, whether or not a pod has them.
  private static let allowance = 1024

  /// By number.
  private(set) var all: [PodIndex.Identity] = []
  private let numbering = Numbering()
  /// How many there may be before those go that no pod has any more.
  private let limit: Int

  /// None, with room for twice as many as pods have now.
  init(expecting count: Int = 0) {
    limit = max(count * 2, Self.allowance)
  }

  /// Whether so many were added that most may be gone.
  var areDue: Bool { all.count > limit }

  /// The number of an identity, which is added if it is new.
  mutating func number(of identity: PodIndex.Identity) -> UInt32 {
    let (number, added) = numbering.state.withLock { [count = all.count] state in
      let number = state.numbers[identity] ?? UInt32(state.all.count)
      if number == state.all.count {
        state.numbers[identity] = number
        state.all.append(identity)
      }
      return (number, number < count ? [] : Array(state.all[count...]))
    }
    all += added
    return number
  }

  /// Whether every identity of `other` is there under the same number.
  func extends(_ other: PodIdentities) -> Bool { numbering === other.numbering && all.count >= other.all.count }
}
