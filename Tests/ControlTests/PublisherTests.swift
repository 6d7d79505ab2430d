import Control
import Foundation
import Logging
import Steering
import Synchronization
import Testing

@Suite struct PublisherTests {
  /// Two versions of a policy behind a link, as a mounted ConfigMap has them, and the link turned while it is read.
  @Test func aReloadPublishesOneVersionOfTheFilesNeverHalfOfTwo() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("steer-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for version in ["a", "b"] {
      let data = folder.appendingPathComponent(version)
      try FileManager.default.createDirectory(at: data, withIntermediateDirectories: false)
      // Many files, so that there is time to turn the link between the first and the last.
      for number in 0..<40 {
        try Data(zone(number, ttl: version == "a" ? 10 : 20).utf8)
          .write(to: data.appendingPathComponent("zone-\(number).yaml"))
      }
    }
    let link = folder.appendingPathComponent("policy").path
    func turn(to version: String) throws {
      let next = link + ".next"
      try FileManager.default.createSymbolicLink(atPath: next, withDestinationPath: version)
      guard unsafe rename(next, link) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
    var digests: Set<String> = []
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    for version in ["a", "b"] {
      try turn(to: version)
      let alone = try await Publisher(paths: [link], serials: SerialStore(folder: nil), logger: logger)
      digests.insert(await alone.current.generation.digest.description)
    }
    try #require(digests.count == 2)
    let publisher = try await Publisher(paths: [link], serials: SerialStore(folder: nil), logger: logger)
    for round in 0..<60 {
      async let reload: Void = publisher.reload(because: "test")
      // The turn wanders through the time that a load takes, so that some rounds meet it; none depends on that.
      try await Task.sleep(for: .microseconds(500 * round))
      try turn(to: round.isMultiple(of: 2) ? "a" : "b")
      await reload
      #expect(digests.contains(await publisher.current.generation.digest.description), "round \(round)")
    }
  }

  @Test func `every sink is ready before any serves, and serves before any lets go of the generation before`()
    async throws
  {
    try await withPolicy { publisher, change in
      let steps = Steps()
      await publisher.add(RecordingSink(name: "one", steps: steps))
      await publisher.add(RecordingSink(name: "two", steps: steps))
      try change()
      await publisher.reload(because: "test")
      #expect(
        steps.names == ["prepare one", "prepare two", "publish one", "publish two", "settle one", "settle two"])
    }
  }

  @Test func `a generation that one sink cannot get ready for is served by none`() async throws {
    try await withPolicy { publisher, change in
      let steps = Steps()
      let before = await publisher.current.generation
      await publisher.add(RecordingSink(name: "one", steps: steps))
      await publisher.add(RecordingSink(name: "two", steps: steps, isReady: false))
      try change()
      await publisher.reload(because: "test")
      // What is published is the generation that serves already, with its secrets.
      #expect(steps.names == ["prepare one", "prepare two", "publish one", "publish two"])
      #expect(steps.published.allSatisfy { $0 == before })
      #expect(await publisher.current.generation == before)
    }
  }

  /// Calls `body` with a publisher and what changes its policy.
  private func withPolicy(_ body: (Publisher, () throws -> Void) async throws -> Void) async throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("steer-\(UUID().uuidString).yaml")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(zone(1, ttl: 10).utf8).write(to: file)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let publisher = try await Publisher(paths: [file.path], serials: SerialStore(folder: nil), logger: logger)
    try await body(publisher) { try Data(zone(1, ttl: 20).utf8).write(to: file) }
  }

  private func zone(_ number: Int, ttl: Int) -> String {
    """
    apiVersion: egress.aibang.com/v1alpha1
    kind: SteeringZone
    metadata: {name: zone-\(number)}
    spec: {zone: zone-\(number).test, ttl: \(ttl)s}
    """
  }
}

/// The steps that sinks were told of.
private final class Steps: Sendable {
  private let list = Mutex<[(name: String, generation: Generation)]>([])
  var names: [String] { list.withLock { $0.map(\.name) } }
  var published: [Generation] { list.withLock { $0.filter { $0.name.hasPrefix("publish") }.map(\.generation) } }

  func add(_ name: String, _ snapshot: Snapshot) { list.withLock { $0.append((name, snapshot.generation)) } }
}

/// A sink that only remembers.
private struct RecordingSink: SnapshotSink {
  struct NotReady: Error {}

  let name: String
  let steps: Steps
  var isReady = true

  func prepare(_ snapshot: Snapshot) async throws {
    steps.add("prepare \(name)", snapshot)
    if !isReady { throw NotReady() }
  }

  func publish(_ snapshot: Snapshot) async throws { steps.add("publish \(name)", snapshot) }

  func settle(_ snapshot: Snapshot) async { steps.add("settle \(name)", snapshot) }
}
