import Foundation
import TestSupport
import Testing

@Suite struct ScenarioTests {
  private static let folder = Bundle.module.resourceURL?.appendingPathComponent("Scenarios")

  private static var names: [String] {
    let files = folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0.path) } ?? []
    return files.filter { $0.hasSuffix(".scenario") }.sorted()
  }

  @Test func thereAreScenarios() {
    #expect(Self.names.count >= 8)
  }

  @Test(arguments: names)
  func everyStepHoldsInProcessOverUDPAndOverTCP(name: String) async throws {
    let folder = try #require(Self.folder)
    let failures = try await ScenarioRunner(folder.appendingPathComponent(name)).run()
    for failure in failures { Issue.record("\(name): \(failure)") }
  }
}
