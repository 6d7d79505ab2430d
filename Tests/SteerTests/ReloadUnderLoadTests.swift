import Foundation
import Glibc
import TestSupport
import Testing

/// Changes of the policy while clients ask without pause.
@Suite struct ReloadUnderLoadTests {
  private static let clients = 4
  private static let queriesPerClient = 5_000
  private static let changes = 20

  @Test func noQueryIsLostAndEveryAnswerIsOfTheGenerationThatItNames() async throws {
    let folder = try WorkingFolder(copying: WorkingFolder.zones)
    try await SteerProcess.serving(folder.path, ["--reload-seconds", "0"]) { server in
      let load = Load(server: try server.endpoint)
      let (expected, seen) = try await withThrowingTaskGroup(of: Load.Answers.self) { group in
        for _ in 0..<Self.clients {
          group.addTask { try await load.run(atLeast: Self.queriesPerClient) }
        }
        let expected: [String: Set<String>]
        do {
          defer { load.end() }
          expected = try await change(folder, of: server)
        }
        var seen = Load.Answers()
        for try await answers in group { seen.merge(answers) }
        return (expected, seen)
      }
      #expect(seen.count >= Self.clients * Self.queriesPerClient)
      #expect(expected.count == Self.changes + 1)
      #expect(seen.addresses.count > 1, "the queries did not meet a change")
      for (identifier, addresses) in seen.addresses {
        #expect(expected[identifier] == addresses, "\(identifier)")
      }
    }
  }

  /// Changes the policy again and again; returns for each generation what it answers.
  private func change(_ folder: WorkingFolder, of server: SteerProcess) async throws -> [String: Set<String>] {
    var addresses = ("10.96.7.10", "10.96.7.50")
    var current = try server.generation()
    var expected = [current.identifier: Set([addresses.0])]
    for _ in 0..<Self.changes {
      try folder.replace("[\(addresses.0)]", with: "[\(addresses.1)]", in: "inventory.yaml")
      server.child.send(SIGHUP)
      let old = current
      try await eventually("the change is served") {
        current = try server.generation()
        return current != old
      }
      #expect(SerialComparison.isAfter(current.serial, old.serial))
      addresses = (addresses.1, addresses.0)
      expected[current.identifier] = [addresses.0]
    }
    return expected
  }
}
