import DNSWire
import Foundation
import Glibc
import TestSupport
import Testing

/// A policy that changes while the server runs.
@Suite struct ReloadTests {
  private static let bySignal = ["--reload-seconds", "0"]

  /// Runs a server over a copy of the example.
  private func serving(
    _ arguments: [String] = [], _ body: (SteerProcess, WorkingFolder) async throws -> Void
  ) async throws {
    let folder = try WorkingFolder(copying: WorkingFolder.zones)
    try await SteerProcess.serving(folder.path, arguments) { try await body($0, folder) }
  }

  private func awaitGeneration(
    after old: ServedGeneration, of server: SteerProcess
  ) async throws -> ServedGeneration {
    try await eventually("another generation is served") { try server.generation() != old }
    let new = try server.generation()
    #expect(SerialComparison.isAfter(new.serial, old.serial))
    return new
  }

  @Test func aChangedFileIsPickedUp() async throws {
    try await serving { server, folder in
      let first = try server.generation()
      try folder.replace("10.96.7.10", with: "10.96.7.50", in: "inventory.yaml")
      _ = try await awaitGeneration(after: first, of: server)
      #expect(try server.addresses() == ["10.96.7.50"])
    }
  }

  @Test func aChangedZoneFileIsPickedUp() async throws {
    try await serving { server, folder in
      let first = try server.generation()
      try folder.replace("10.96.77.10", with: "10.96.77.99", in: "intra.aibang.local.zone")
      _ = try await awaitGeneration(after: first, of: server)
      #expect(try server.ask("ns1.intra.aibang.local").answer == ["ns1.intra.aibang.local. 300 IN A 10.96.77.99"])
    }
  }

  @Test func aHangupSignalLoadsThePolicyAnew() async throws {
    try await serving(Self.bySignal) { server, folder in
      let first = try server.generation()
      try folder.replace("10.96.7.10", with: "10.96.7.50", in: "inventory.yaml")
      server.child.send(SIGHUP)
      _ = try await awaitGeneration(after: first, of: server)
      #expect(try server.addresses() == ["10.96.7.50"])
    }
  }

  @Test func theSamePolicyIsTheSameGeneration() async throws {
    try await serving(Self.bySignal) { server, folder in
      let first = try server.generation()
      try folder.replace("# Who may use", with: "# A comment changes nothing. Who may use", in: "policies.yaml")
      server.child.send(SIGHUP)
      try await eventually("the reload is logged") { server.child.errors.contains("policy unchanged") }
      #expect(try server.generation() == first)
    }
  }

  @Test func aPolicyThatComesBackHasItsDigestAndALaterSerial() async throws {
    try await serving(Self.bySignal) { server, folder in
      let first = try server.generation()
      try folder.replace("10.96.7.10", with: "10.96.7.50", in: "inventory.yaml")
      server.child.send(SIGHUP)
      let second = try await awaitGeneration(after: first, of: server)
      #expect(second.digest != first.digest)
      try folder.replace("10.96.7.50", with: "10.96.7.10", in: "inventory.yaml")
      server.child.send(SIGHUP)
      let third = try await awaitGeneration(after: second, of: server)
      #expect(third.digest == first.digest)
    }
  }

  @Test func theSerialDoesNotGoBackAcrossRestarts() async throws {
    let state = try WorkingFolder()
    let future = UInt32(truncatingIfNeeded: Int(Date().timeIntervalSince1970)) + 1_000_000
    try state.write("\(future)\n", to: "serial")
    for restart in UInt32(1)...2 {
      try await SteerProcess.serving(WorkingFolder.zones.path, ["--state-folder", state.path]) { server in
        let generation = try server.generation()
        #expect(generation.serial == future + restart)
      }
    }
  }

  @Test func aBrokenPolicyIsRefusedUntilItIsRepaired() async throws {
    try await serving { server, folder in
      let first = try server.generation()
      try folder.replace("action: Allow", with: "action: Alow", in: "policies.yaml")
      try await eventually("the refusal is logged") {
        server.child.errors.contains("policy refused; the last good generation serves on")
      }
      #expect(server.child.errors.contains("policies.yaml:11:"))
      #expect(server.child.errors.contains("code=invalid-value"))
      #expect(try server.generation() == first)
      #expect(try server.addresses() == ["10.96.7.10"])
      try folder.replace("action: Alow", with: "action: Allow", in: "policies.yaml")
      try folder.replace("10.96.7.10", with: "10.96.7.50", in: "inventory.yaml")
      try await eventually("the repaired policy is served") { try server.addresses() == ["10.96.7.50"] }
      #expect(SerialComparison.isAfter(try server.generation().serial, first.serial))
    }
  }

  @Test func tenMistakesDoNotStopARunningServer() async throws {
    try await serving(Self.bySignal) { server, folder in
      let first = try server.generation()
      let mistakes = URL(filePath: Mistakes.path).appending(path: "policy.yaml")
      try folder.write(String(contentsOf: mistakes, encoding: .utf8), to: "policies.yaml")
      server.child.send(SIGHUP)
      try await eventually("the refusal is logged") { server.child.errors.contains("policy refused") }
      for mistake in Mistakes.all {
        #expect(server.child.errors.contains("policies.yaml:\(mistake.line):\(mistake.column)"), "\(mistake)")
      }
      #expect(try server.generation() == first)
      #expect(try server.addresses() == ["10.96.7.10"])
    }
  }

  @Test func aPolicyThatIsGoneIsRefused() async throws {
    try await serving(Self.bySignal) { server, folder in
      try FileManager.default.removeItem(at: folder.url)
      server.child.send(SIGHUP)
      try await eventually("the refusal is logged") { server.child.errors.contains("policy refused") }
      #expect(try server.addresses() == ["10.96.7.10"])
    }
  }

  @Test func noSocketIsTouchedByAReload() async throws {
    try await serving(Self.bySignal) { server, folder in
      let stream = try server.client(overTCP: true)
      let datagrams = try server.client()
      let query = WireQuery("microsoft.intra.aibang.local", .a).octets
      func addresses(_ message: [UInt8]) throws -> [String] {
        try LDNSMessage(message).answer.map { String($0.suffix(10)) }
      }
      let first = try server.generation()
      #expect(try addresses(stream.ask(query)) == ["10.96.7.10"])
      #expect(try addresses(datagrams.ask(query)) == ["10.96.7.10"])
      try folder.replace("10.96.7.10", with: "10.96.7.50", in: "inventory.yaml")
      server.child.send(SIGHUP)
      _ = try await awaitGeneration(after: first, of: server)
      #expect(try addresses(stream.ask(query)) == ["10.96.7.50"])
      #expect(try addresses(datagrams.ask(query)) == ["10.96.7.50"])
    }
  }

  @Test func aTurnedConfigMapLinkIsPickedUp() async throws {
    let folder = try WorkingFolder()
    let files = FileManager.default
    func mount(_ version: String) throws {
      try files.copyItem(atPath: WorkingFolder.zones.path, toPath: folder.path(of: version))
    }
    func turn(to version: String) throws {
      try files.createSymbolicLink(atPath: folder.path(of: "..data_tmp"), withDestinationPath: version)
      let status = unsafe rename(folder.path(of: "..data_tmp"), folder.path(of: "..data"))
      try #require(status == 0)
    }
    try mount("..2026_1")
    try turn(to: "..2026_1")
    for name in try files.contentsOfDirectory(atPath: folder.path(of: "..2026_1")) {
      try files.createSymbolicLink(atPath: folder.path(of: name), withDestinationPath: "..data/\(name)")
    }
    try await SteerProcess.serving(folder.path) { server in
      let first = try server.generation()
      try mount("..2026_2")
      try folder.replace("10.96.7.10", with: "10.96.7.50", in: "..2026_2/inventory.yaml")
      try turn(to: "..2026_2")
      try files.removeItem(atPath: folder.path(of: "..2026_1"))
      _ = try await awaitGeneration(after: first, of: server)
      #expect(try server.addresses() == ["10.96.7.50"])
    }
  }

  @Test func aPodThatMovesIsSeenWithoutANewGeneration() async throws {
    try await serving { server, folder in
      let first = try server.generation()
      #expect(try server.addresses(from: "127.0.0.14").isEmpty)
      try folder.replace("{ip: 127.0.0.12}", with: "{ip: 127.0.0.14}", in: "inventory.yaml")
      try await eventually("the pod is known by its new address") {
        try server.addresses(from: "127.0.0.14") == ["10.96.7.11"]
      }
      #expect(try server.addresses(from: "127.0.0.12").isEmpty)
      #expect(try server.generation() == first)
    }
  }
}

/// Serial number arithmetic (RFC 1982), written apart from Steer's own.
enum SerialComparison {
  static func isAfter(_ left: UInt32, _ right: UInt32) -> Bool {
    Int32(bitPattern: left &- right) > 0
  }
}
