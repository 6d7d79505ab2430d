import KubernetesAPI
import Logging

/// Writes what changed since it was written last.
struct StateKeeper<Source: StateSource> {
  let source: Source
  let inputsFile: StateFile
  let podsFile: StateFile
  let logger: Logger

  private var inputs: Source.Inputs?
  private var podsVersion: UInt64?
  /// The files of which it was said that they cannot be written.
  private var failed: Set<String> = []

  init(source: Source, inputsFile: StateFile, podsFile: StateFile, logger: Logger) {
    self.source = source
    self.inputsFile = inputsFile
    self.podsFile = podsFile
    self.logger = logger
  }

  /// Writes the inputs if they are others, and else, if it `notesAge`, only since when they are so.
  mutating func keepInputs(notesAge: Bool) async {
    guard let (current, age) = await source.acceptedInputs() else { return }
    let isSame = current == inputs
    guard !isSame || notesAge else { return }
    let isKept = await write(inputsFile) { file throws(StateFile.Fault) in
      if isSame, file.replace(onlyAge: age) { return }
      let octets = try StateText.octets(ofInputs: current)
      try file.replace(age: age) { writer throws(StateFile.Fault) in try writer.append(octets) }
    }
    if isKept { inputs = current }
  }

  /// Writes the pods if they are others, and else only since when they are so.
  mutating func keepPods() async {
    guard let known = await source.pods() else { return }
    let isSame = known.version == podsVersion
    let isKept = await write(podsFile) { file throws(StateFile.Fault) in
      if isSame, file.replace(onlyAge: known.age) { return }
      try file.replace(age: known.age) { writer throws(StateFile.Fault) in
        try StateText.write(known.pods, to: &writer)
      }
    }
    if isKept { podsVersion = known.version }
  }

  /// Writes a file, and says whether it could; the log says so once.
  private mutating func write(
    _ file: StateFile, _ body: @escaping @Sendable (StateFile) throws(StateFile.Fault) -> Void
  ) async -> Bool {
    let fault = await Blocking.run { () -> StateFile.Fault? in
      do throws(StateFile.Fault) {
        try body(file)
        return nil
      } catch {
        return error
      }
    }
    if let fault, failed.insert(file.path).inserted {
      logger.warning(
        "the state cannot be kept for a start without the API server",
        metadata: ["file": "\(file.path)", "reason": "\(fault)"])
    } else if fault == nil {
      failed.remove(file.path)
    }
    return fault == nil
  }
}
