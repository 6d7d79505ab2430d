import Foundation
import TestAPIServer

/// What is measured, in the order in which it is.
struct Measurement {
  /// Why there is no result.
  enum Failure: Error {
    /// Steer ended.
    case ended
    /// Steer never answered rightly.
    case neverRight
  }

  /// How long anything may take: more than is ever needed.
  private static let patience = Duration.seconds(300)

  private let options: LoadOptions
  private var cluster: LoadCluster
  private let process: MeasuredProcess
  private let port: UInt16
  private let kubeconfig: URL
  private let started: ContinuousClock.Instant

  /// Measures all there is.
  static func result(of options: LoadOptions) async throws -> JSON {
    var measurement = try await Measurement(options)
    return try await measurement.run()
  }

  /// Makes the cluster, and then starts Steer.
  private init(_ options: LoadOptions) async throws {
    self.options = options
    cluster = try await LoadCluster(pods: options.pods, namespaces: options.namespaces, routes: options.routes)
    port = try DNSQuestion.freePort()
    let kubeconfig = FileManager.default.temporaryDirectory.appending(path: "kubeconfig-\(cluster.server.port)")
    try cluster.server.kubeconfig().write(to: kubeconfig, atomically: true, encoding: .utf8)
    self.kubeconfig = kubeconfig
    let values = ["{port}": String(port), "{kubeconfig}": kubeconfig.path]
    started = .now
    process = try MeasuredProcess(
      options.command.map { argument in values.reduce(argument) { $0.replacing($1.key, with: $1.value) } })
  }

  /// Measures all, and ends Steer.
  private mutating func run() async throws -> JSON {
    defer {
      process.stop()
      try? FileManager.default.removeItem(at: kubeconfig)
    }
    var result: JSON = [
      "pods": .integer(options.pods), "namespaces": .integer(options.namespaces),
      "routes": .integer(options.routes + 1),
      "podOctetsJSON": .integer(cluster.podSizes.json), "podOctetsProtobuf": .integer(cluster.podSizes.protobuf),
    ]
    result["synchronizedSeconds"] = .seconds(try await waitForAnswer(of: cluster.lastListedSlot) - started)
    // What was needed for the start only may go.
    try await Task.sleep(for: .seconds(5))
    result["memoryMB"] = .megabytes(process.memory.now)
    result["peakMB"] = .megabytes(process.memory.peak)
    result["lagMilliseconds"] = .milliseconds(try await lags(options.lags))
    result["moveMilliseconds"] = .milliseconds(try await moves(options.moves))
    if options.seconds > 0 { result["churn"] = try await churn() }
    return result
  }

  /// Waits until the right answer comes, and says when it came.
  private func waitForAnswer(of slot: Int, pause: Duration = .milliseconds(10)) async throws
    -> ContinuousClock.Instant
  {
    try await wait(for: { cluster.truth.answer(of: slot) }, to: "proxy", from: slot, pause: pause)
  }

  /// Waits until the right answer to a question for a host comes, and says when it came.
  private func wait(
    for right: () -> SteeredAnswer, to host: String, from slot: Int, pause: Duration
  ) async throws -> ContinuousClock.Instant {
    let deadline = ContinuousClock.now + Self.patience
    while ContinuousClock.now < deadline {
      guard process.isRunning else { throw Failure.ended }
      let outcome = DNSQuestion.ask(host, from: SlotAddress(slot), port: port, seconds: 1)
      let now = ContinuousClock.now
      if case .answered(let answer) = outcome, answer == right() { return now }
      // Between two questions, so as not to take the processor from what is measured.
      if pause > .zero { try await Task.sleep(for: pause) }
    }
    throw Failure.neverRight
  }

  /// How long changes take, one by one, from before the API server has them to the first right answer.
  private mutating func lags(_ count: Int) async throws -> [Duration] {
    var lags: [Duration] = []
    for _ in 0..<count {
      let begin = ContinuousClock.now
      let (slot, _) = cluster.changeAnswer()
      lags.append(try await waitForAnswer(of: slot, pause: .zero) - begin)
      // Changes that come apart, each with a batch of its own.
      try await Task.sleep(for: .milliseconds(30))
    }
    return lags
  }

  /// How long changes of ClusterIPs take, one by one.
  private mutating func moves(_ count: Int) async throws -> [Duration] {
    var lags: [Duration] = []
    for _ in 0..<count {
      let begin = ContinuousClock.now
      guard let (host, slot, answer) = cluster.move() else { break }
      lags.append(try await wait(for: { answer }, to: host, from: slot, pause: .milliseconds(1)) - begin)
      // Changes that come apart, each with a load of its own.
      try await Task.sleep(for: .milliseconds(300))
    }
    return lags
  }

  /// Changes pods at a rate while questions run.
  private mutating func churn() async throws -> JSON {
    let questioner = Questioner(cluster.truth, port: port)
    questioner.start(rate: options.queries)
    let begin = ContinuousClock.now
    let pause = Duration.seconds(1) / max(1, options.rate)
    var memory: [Int] = []
    var changes = 0
    while ContinuousClock.now - begin < .seconds(options.seconds) {
      guard process.isRunning else { throw Failure.ended }
      cluster.change()
      changes += 1
      if changes % (5 * options.rate) == 0 { memory.append(process.memory.now) }
      // Keeps the rate; who is behind catches up.
      try await Task.sleep(until: begin + pause * changes)
    }
    let elapsed = ContinuousClock.now - begin
    questioner.stop()
    let seen = questioner.seen
    return [
      "changesPerSecond": .integer(Int(Double(changes) / (elapsed / .seconds(1)))), "changes": .integer(changes),
      "memoryMB": .array(memory.map { .megabytes($0) }), "queries": .integer(seen.asked), "lost": .integer(seen.lost),
      "refused": .integer(seen.refused), "unexplained": .integer(seen.unexplained),
      "lateAnswers": .integer(seen.late.count), "lateMilliseconds": .milliseconds(seen.late),
    ]
  }
}

extension JSON {
  fileprivate static func integer(_ value: Int) -> JSON { .number(String(value)) }
  fileprivate static func decimal(_ value: Double) -> JSON { .number(String(format: "%.1f", value)) }
  fileprivate static func megabytes(_ bytes: Int) -> JSON { .decimal(Double(bytes) / 1_000_000) }
  fileprivate static func seconds(_ duration: Duration) -> JSON { .decimal(duration / .seconds(1)) }

  /// The median, the 99th of a hundred, and the worst.
  fileprivate static func milliseconds(_ durations: [Duration]) -> JSON {
    let sorted = durations.sorted().map { $0 / .milliseconds(1) }
    guard let worst = sorted.last else { return .null }
    return [
      "median": .decimal(sorted[sorted.count / 2]), "p99": .decimal(sorted[sorted.count * 99 / 100]),
      "worst": .decimal(worst),
    ]
  }
}
