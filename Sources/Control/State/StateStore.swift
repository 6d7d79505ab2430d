public import KubernetesAPI
public import Logging

/// Keeps what was served last in a folder, for a start while the API server cannot be reached.
///
/// There are two files, for this user alone: `inputs`, what was accepted last, and `pods`. A file that cannot be used is
/// passed over, and the log says why: a start without it is slower, not wrong.
public struct StateStore: Sendable {
  /// What was kept, and since when it was so.
  public struct Kept<Content: Sendable>: Sendable {
    /// What was kept.
    public var content: Content
    /// How many seconds ago it was known to be so.
    public var age: Double
  }

  /// How often is looked for a change.
  public struct Intervals: Sendable {
    /// Of the inputs.
    public var inputs = Duration.seconds(10)
    /// Of the pods.
    public var pods = Duration.seconds(60)

    /// 10 s and a minute.
    public init() {}
  }

  /// The oldest pods that are used, in seconds: by then addresses may belong to others.
  public static let maximumPodAge: Double = 3600

  /// How far in the future pods may have been kept, in seconds: more, and the clock says nothing of their age.
  private static let clockDifference: Double = 60

  private let inputsFile: StateFile
  private let podsFile: StateFile
  private let intervals: Intervals
  private let logger: Logger

  /// The files of a folder, which is there.
  public init(folder: String, intervals: Intervals = Intervals(), logger: Logger) {
    inputsFile = StateFile(folder: folder, name: "inputs", maximumSize: 64 << 20)
    podsFile = StateFile(folder: folder, name: "pods", maximumSize: 256 << 20)
    self.intervals = intervals
    self.logger = logger
  }

  /// The inputs that were kept; nil if there are none that can be used.
  public func inputs<Inputs: Decodable & Sendable>(_ type: Inputs.Type = Inputs.self) async -> Kept<Inputs>? {
    await load(inputsFile) { try StateText.inputs(type, from: $0) }
  }

  /// The pods that were kept; nil if there are none that can be used.
  public func pods() async -> Kept<[Pod]>? {
    guard let kept = await load(podsFile, { try StateText.pods(from: $0) }) else { return nil }
    guard (-Self.clockDifference...Self.maximumPodAge).contains(kept.age) else {
      logger.warning(
        "the kept pods are not used: their addresses may be others' by now",
        metadata: ["ageSeconds": "\(Int(kept.age))"])
      return nil
    }
    return kept
  }

  private func load<Content: Sendable>(
    _ file: StateFile, _ decode: @escaping @Sendable (ArraySlice<UInt8>) throws -> Content
  ) async -> Kept<Content>? {
    await Blocking.run {
      do {
        guard let (octets, age) = try file.read() else { return nil }
        return Kept(content: try decode(octets), age: age)
      } catch {
        logger.warning("what was kept is not used", metadata: ["file": "\(file.path)", "reason": "\(error)"])
        return nil
      }
    }
  }

  /// Keeps what `source` has from time to time until the task is cancelled, and once more then.
  public func run(_ source: some StateSource) async {
    var keeper = StateKeeper(source: source, inputsFile: inputsFile, podsFile: podsFile, logger: logger)
    var podsDue = ContinuousClock.now
    var isLast = false
    while !isLast {
      // State changes all the time, and a disk is slow: what is in between is not kept. Cancelled, it ends the loop.
      isLast = (try? await Task.sleep(for: intervals.inputs)) == nil
      let isPodsTurn = isLast || ContinuousClock.now >= podsDue
      await keeper.keepInputs(notesAge: isPodsTurn)
      guard isPodsTurn else { continue }
      await keeper.keepPods()
      podsDue = .now + intervals.pods
    }
  }
}
