import Foundation
import Glibc
import KubernetesAPI
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Control

/// What is kept for a start while the API server cannot be reached.
@Suite struct StateStoreTests {
  private struct Inputs: Codable, Equatable {
    var policy: String
  }

  /// Something to keep, which a test changes.
  private final class Source: StateSource {
    private let state = Mutex<(inputs: Inputs?, age: Double, pods: KnownPods?)>((nil, 0, nil))

    func set(_ inputs: Inputs?, age: Double = 0, _ pods: KnownPods? = nil) {
      state.withLock { $0 = (inputs, age, pods) }
    }

    func acceptedInputs() async -> (inputs: Inputs, age: Double)? {
      state.withLock { state in state.inputs.map { ($0, state.age) } }
    }
    func pods() async -> KnownPods? { state.withLock { $0.pods } }
  }

  private static let pods = [
    Pod(
      namespace: "team-a", name: "api-1", uid: "1", created: 1_700_000_000, serviceAccount: "api",
      addresses: ["10.8.1.1", "fd00::1"], nodeAddresses: ["10.0.0.1"]),
    Pod(namespace: "team-b", name: "agent", uid: "2", isOnHostNetwork: true, nodeAddresses: ["10.0.0.1"]),
    Pod(namespace: "team-b", name: "job", uid: "3", serviceAccount: "", isTerminated: true),
  ]

  private static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private func withStore<Result>(_ body: (StateStore, URL) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("steer-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var intervals = StateStore.Intervals()
    (intervals.inputs, intervals.pods) = (.milliseconds(1), .milliseconds(1))
    return try await body(StateStore(folder: folder.path, intervals: intervals, logger: Self.silent), folder)
  }

  /// Keeps what a source has, as a server does that comes to its end at once.
  private func keep(_ source: Source, in store: StateStore) async {
    let running = Task { await store.run(source) }
    running.cancel()
    await running.value
  }

  @Test func whatWasKeptIsThereAtTheNextStart() async throws {
    try await withStore { store, _ in
      #expect(await store.inputs(Inputs.self) == nil)
      #expect(await store.pods() == nil)
      let source = Source()
      source.set(Inputs(policy: "one"), KnownPods(Self.pods, version: 1, age: 30))
      await keep(source, in: store)
      let inputs = try #require(await store.inputs(Inputs.self))
      #expect(inputs.content == Inputs(policy: "one") && inputs.age < 100)
      let pods = try #require(await store.pods())
      #expect(pods.content == Self.pods && (29..<100).contains(pods.age), "\(pods)")
    }
  }

  @Test func whatChangesWhileTheServerRunsIsKeptToo() async throws {
    try await withStore { store, _ in
      let source = Source()
      source.set(Inputs(policy: "one"))
      let running = Task { await store.run(source) }
      try await eventually("the first is kept") { await store.inputs(Inputs.self)?.content.policy == "one" }
      source.set(Inputs(policy: "two"), KnownPods(Self.pods, version: 1, age: 0))
      try await eventually("the second is kept") { await store.inputs(Inputs.self)?.content.policy == "two" }
      try await eventually("the pods are kept") { await store.pods()?.content == Self.pods }
      source.set(Inputs(policy: "two"), KnownPods(Self.pods.dropLast(), version: 2, age: 0))
      try await eventually("fewer pods are kept") { await store.pods()?.content.count == 2 }
      running.cancel()
      await running.value
    }
  }

  @Test func podsThatDidNotChangeAreNotWrittenAgainAndTheirAgeIs() async throws {
    try await withStore { store, folder in
      let file = folder.appendingPathComponent("pods").path
      let source = Source()
      source.set(nil, KnownPods(Self.pods, version: 1, age: 3000))
      let running = Task { await store.run(source) }
      try await eventually("they are kept") { await store.pods() != nil }
      let number = try FileManager.default.attributesOfItem(atPath: file)[.systemFileNumber] as? Int
      #expect(try #require(await store.pods()).age > 2000)
      source.set(nil, KnownPods(Self.pods, version: 1, age: 0))
      try await eventually("they are known to be so now") { await store.pods()?.age ?? 3000 < 2000 }
      #expect(try FileManager.default.attributesOfItem(atPath: file)[.systemFileNumber] as? Int == number)
      #expect(await store.pods()?.content == Self.pods)
      running.cancel()
      await running.value
    }
  }

  @Test func whatARestartInAnOutageKeepsDoesNotLookNew() async throws {
    try await withStore { store, _ in
      let source = Source()
      source.set(Inputs(policy: "one"), age: 500_000, KnownPods(Self.pods, version: 1, age: 1800))
      await keep(source, in: store)
      let inputs = try #require(await store.inputs(Inputs.self))
      let pods = try #require(await store.pods())
      #expect(inputs.age > 499_990 && pods.age > 1790, "\(inputs.age), \(pods.age)")
    }
  }

  @Test func aFileThatSomebodyRemovedIsWrittenAgain() async throws {
    try await withStore { store, folder in
      let source = Source()
      source.set(nil, KnownPods(Self.pods, version: 1, age: 0))
      let running = Task { await store.run(source) }
      try await eventually("they are kept") { await store.pods() != nil }
      try FileManager.default.removeItem(at: folder.appendingPathComponent("pods"))
      try await eventually("they are kept again") { await store.pods()?.content == Self.pods }
      running.cancel()
      await running.value
    }
  }

  @Test func nothingKnownLeavesWhatWasKept() async throws {
    try await withStore { store, _ in
      let source = Source()
      source.set(Inputs(policy: "one"), KnownPods(Self.pods, version: 1, age: 0))
      await keep(source, in: store)
      source.set(nil)
      await keep(source, in: store)
      #expect(await store.inputs(Inputs.self) != nil)
      #expect(await store.pods() != nil)
    }
  }

  @Test func podsOlderThanAnHourAndPodsOfTheFutureAreNotUsed() async throws {
    try await withStore { store, folder in
      let source = Source()
      source.set(nil, KnownPods(Self.pods, version: 1, age: 3700))
      await keep(source, in: store)
      #expect(await store.pods() == nil)
      let later = Int(Date().timeIntervalSince1970) + 1000
      try Data("steer pods 1 \(String(repeating: "0", count: 10))\(later)\nend\t0\n".utf8).write(
        to: folder.appendingPathComponent("pods"))
      #expect(await store.pods() == nil)
    }
  }

  @Test func theFilesAreForThisUserAlone() async throws {
    try await withStore { store, folder in
      let source = Source()
      source.set(Inputs(policy: "one"), KnownPods(Self.pods, version: 1, age: 0))
      await keep(source, in: store)
      for name in ["inputs", "pods"] {
        let path = folder.appendingPathComponent(name).path
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600, "\(name)")
        let isOpened = unsafe chmod(path, 0o602) == 0
        try #require(isOpened)
      }
      // One that others may write could say anything.
      #expect(await store.inputs(Inputs.self) == nil)
      #expect(await store.pods() == nil)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["inputs", "pods"])
    }
  }

  /// The end of each file is cut off, octet by octet, and each is put to what it was never written as.
  @Test func aFileThatIsNotWholeOrNotOursIsPassedOver() async throws {
    try await withStore { store, folder in
      let source = Source()
      source.set(Inputs(policy: "one"), KnownPods(Self.pods, version: 1, age: 0))
      await keep(source, in: store)
      for name in ["inputs", "pods"] {
        let file = folder.appendingPathComponent(name)
        let whole = try Data(contentsOf: file)
        func isPassedOver() async -> Bool {
          name == "inputs" ? await store.inputs(Inputs.self) == nil : await store.pods() == nil
        }
        // The last line's end alone may be missing: what it says is there.
        for length in 0..<(whole.count - 1) {
          try whole.prefix(length).write(to: file)
          #expect(await isPassedOver(), "\(name) of \(length) octets")
        }
        for other in ["steer \(name) 2 ", "steer other 1 ", "", "\u{0}\u{0}"] {
          try (Data(other.utf8) + whole.dropFirst("steer \(name) 1 ".utf8.count)).write(to: file)
          #expect(await isPassedOver(), "\(name) with \(other)")
        }
        // A time that is none, or of a day after all days.
        for time in ["", "-0000000000000000001", "soon", "99999999999999999999"] {
          let text = String(decoding: whole, as: UTF8.self)
          let start = text.utf8.index(text.startIndex, offsetBy: "steer \(name) 1 ".utf8.count)
          let end = text.utf8.index(start, offsetBy: 20)
          let padded = String(repeating: " ", count: 20 - time.utf8.count) + time
          try Data((text[..<start] + padded + text[end...]).utf8).write(to: file)
          #expect(await isPassedOver(), "\(name) of the time '\(time)'")
        }
        try (whole + Data("a\tb\n".utf8)).write(to: file)
        #expect(await isPassedOver(), "\(name) with more at its end")
        try whole.write(to: file)
        #expect(await isPassedOver() == false)
      }
    }
  }

  @Test func whatIsNoRegularFileIsPassedOverAndDoesNotHoldUpTheStart() async throws {
    try await withStore { store, folder in
      let isMade = unsafe mkfifo(folder.appendingPathComponent("inputs").path, 0o600) == 0
      try #require(isMade)
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("pods"), withIntermediateDirectories: false)
      #expect(await store.inputs(Inputs.self) == nil)
      #expect(await store.pods() == nil)
    }
  }

  @Test func aFileThatIsTooLargeIsNeitherReadNorWritten() throws {
    try TemporaryFolder.with { folder in
      let file = StateFile(folder: folder.path, name: "inputs", maximumSize: 100)
      try file.replace(age: 0) { writer throws(StateFile.Fault) in try writer.append(Array("good".utf8)) }
      #expect(throws: StateFile.Fault.self) {
        try file.replace(age: 0) { writer throws(StateFile.Fault) in
          try writer.append(Array(repeating: 0, count: 101))
        }
      }
      #expect(try file.read()?.octets == Array("good".utf8)[...])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["inputs"])
      try Data(repeating: 0x20, count: 101).write(to: folder.appendingPathComponent("inputs"))
      #expect(throws: StateFile.Fault.self) { try file.read() }
    }
  }

  @Test func whatAKilledServerLeftHalfWrittenIsInNobodysWay() async throws {
    try await withStore { store, folder in
      try Data("half".utf8).write(to: folder.appendingPathComponent("inputs.new"))
      let source = Source()
      source.set(Inputs(policy: "one"))
      await keep(source, in: store)
      #expect(await store.inputs(Inputs.self)?.content.policy == "one")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["inputs"])
    }
  }

  @Test func aFolderThatIsGoneIsNoEndAndIsUsedAgainWhenItIsBack() async throws {
    try await withStore { store, folder in
      try FileManager.default.removeItem(at: folder)
      let source = Source()
      source.set(Inputs(policy: "one"), KnownPods(Self.pods, version: 1, age: 0))
      let running = Task { await store.run(source) }
      #expect(await store.inputs(Inputs.self) == nil)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try await eventually("it is kept") { await store.inputs(Inputs.self) != nil }
      running.cancel()
      await running.value
    }
  }

  @Test func aPodWithANameThatNoPodHasDoesNotSpoilTheOthers() async throws {
    try await withStore { store, _ in
      let source = Source()
      let bad = ["a\tb", "a\nend\t0"].map { Pod(namespace: "team-a", name: $0, uid: "9") }
      source.set(nil, KnownPods(bad + Self.pods, version: 1, age: 0))
      await keep(source, in: store)
      #expect(await store.pods()?.content == Self.pods)
    }
  }
}
