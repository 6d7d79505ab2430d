import Foundation
import TestSupport
import Testing

/// A Service of a route that gets another address while the server runs.
@Suite struct AddressChangeTests {
  @Test func theLogNamesWhoAskedForTheAddressesOfBefore() async throws {
    let folder = try WorkingFolder(copying: WorkingFolder.zones)
    try await SteerProcess.serving(folder.path) { server in
      #expect(try server.addresses() == ["10.96.7.10"])
      _ = try server.ask("github.intra.aibang.local", from: "127.0.0.12")
      try folder.replace("10.96.7.10", with: "10.96.7.50", in: "inventory.yaml")
      try await eventually("the change is logged") { server.child.errors.contains("addresses changed") }
      let lines = server.child.errors.split(separator: "\n").filter { $0.contains("addresses changed") }
      let line = try #require(lines.first)
      #expect(lines.count == 1)
      for part in ["10.96.7.10", "10.96.7.50", "route=microsoft", "askers=1", "team-a/"] {
        #expect(line.contains(part), "\(line)")
      }
    }
  }
}
