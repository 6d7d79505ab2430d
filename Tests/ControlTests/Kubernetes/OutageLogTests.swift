import InMemoryLogging
import KubernetesAPI
import Logging
import TestSupport
import Testing

@testable import Control

/// What the log says of an API server that goes and comes back.
@Suite struct OutageLogTests {
  private let freshness = Freshness([.pods, .services])
  private let logs = InMemoryLogHandler()

  private var outages: OutageLog { OutageLog(freshness, logger: Logger(label: "test") { [logs] _ in logs }) }
  private var messages: [String] { logs.entries.map { "\($0.level) \($0.message)" } }

  private static let lost = "warning the API server cannot be heard; what it told last serves on"
  private static let live = "info the API server is heard again; what serves is live"

  private func tellAll() {
    freshness.note([Change<Pod>.relisting, .synchronized], of: .pods, count: 0)
    freshness.note([Change<Service>.relisting, .synchronized], of: .services, count: 0)
  }

  @Test func `a loss is one warning with its cause, whichever resources it hits, and its end one line`() async {
    tellAll()
    let outages = outages
    await outages.look()
    #expect(messages.isEmpty)
    freshness.note([Change<Pod>.lost("connection refused")], of: .pods, count: 0)
    freshness.note([Change<Service>.lost("connection refused")], of: .services, count: 0)
    for _ in 0..<3 { await outages.look() }
    #expect(messages == [Self.lost])
    #expect(logs.entries.first?.metadata["reason"] == "all 2: connection refused")
    freshness.note([Change<Pod>.heard], of: .pods, count: 0)
    await outages.look()
    #expect(messages == [Self.lost], "the Services are not heard yet")
    freshness.note([Change<Service>.heard], of: .services, count: 0)
    for _ in 0..<3 { await outages.look() }
    #expect(messages == [Self.lost, Self.live])
  }

  @Test func `what was kept and serves is said to be live once it is`() async {
    freshness.restore([.pods, .services], age: 100)
    let outages = outages
    await outages.noteKept(age: 100)
    await outages.look()
    #expect(messages.isEmpty)
    tellAll()
    for _ in 0..<2 { await outages.look() }
    #expect(messages == [Self.live])
    #expect(logs.entries.first?.metadata["staleSeconds"] == "100")
  }

  @Test func `it looks while it runs, and ends when it is cancelled`() async throws {
    tellAll()
    freshness.note([Change<Pod>.lost("away")], of: .pods, count: 0)
    let outages = outages
    let task = Task { await outages.run() }
    try await eventually("the loss is said") { messages == [Self.lost] }
    task.cancel()
    await task.value
  }
}
