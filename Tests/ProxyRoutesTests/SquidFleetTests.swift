import Foundation
import Glibc
import Logging
import TestSupport
import Testing

@testable import ProxyRoutes

/// Real Squids on loopback, under a configuration that lets every CONNECT to loopback through.
@Suite(.serialized) struct SquidFleetTests {
  @Test func `a change of listeners ends no tunnel and refuses no connection`() async throws {
    try await withFleet { fleet in
      let (one, two) = (try LoopbackPort.free(), try LoopbackPort.free())
      try await fleet.apply([one])
      let origin = try EchoOrigin()
      let tunnel = try Tunnel(proxy: one, to: origin.port)
      let refused = RefusalCounter(port: one)
      for round in 0..<6 {
        try await fleet.apply(round % 2 == 0 ? [one, two] : [one])
      }
      #expect(refused.stop() == 0)
      #expect(try tunnel.echoes("still there"))
      #expect(throws: (any Error).self) { try Tunnel(proxy: two, to: origin.port) }
    }
  }

  @Test func `a configuration that Squid refuses changes nothing`() async throws {
    try await withFleet { fleet in
      let port = try LoopbackPort.free()
      try await fleet.apply([port])
      let before = try String(contentsOfFile: fleet.settings.configuration, encoding: .utf8)
      await #expect(throws: SquidError.self) { try await fleet.fleet.apply("http_port nonsense\n", ports: [1]) }
      #expect(try String(contentsOfFile: fleet.settings.configuration, encoding: .utf8) == before)
      let origin = try EchoOrigin()
      #expect(try Tunnel(proxy: port, to: origin.port).echoes("as before"))
    }
  }

  @Test func `a Squid that is killed is started again while the other serves`() async throws {
    try await withFleet { fleet in
      let port = try LoopbackPort.free()
      try await fleet.apply([port])
      let origin = try EchoOrigin()
      let victim = try #require(await fleet.fleet.instances[0].process)
      victim.send(SIGKILL)
      try await eventually("the end of a Squid") {
        await fleet.fleet.instances[0].process?.identifier != victim.identifier
      }
      for _ in 0..<50 { _ = try Tunnel(proxy: port, to: origin.port) }
      try await eventually("another Squid in its place") { await fleet.fleet.instances[0].restarts > 0 }
      try await fleet.apply([port, try LoopbackPort.free()])
    }
  }

  @Test func `Squids that an earlier run left behind are taken over with their tunnels`() async throws {
    try await withFleet { left in
      let port = try LoopbackPort.free()
      try await left.apply([port])
      let origin = try EchoOrigin()
      let tunnel = try Tunnel(proxy: port, to: origin.port)
      let before = await left.fleet.instances[0].process?.identifier
      // A second fleet in the same folder finds them as a server would that was killed and is started again.
      let heir = SquidFleet(settings: left.settings, logger: left.logger)
      try await heir.apply(left.text([port, try LoopbackPort.free()]), ports: [port])
      #expect(await heir.instances[0].process?.identifier == before)
      #expect(try tunnel.echoes("taken over"))
      await heir.stop()
    }
  }

  @Test func `a log that is too long keeps its newest lines, and Squid goes on writing to it`() async throws {
    try await withFleet { tested in
      let port = try LoopbackPort.free()
      try await tested.apply([port])
      let instance = await tested.fleet.instances[0]
      let path = "\(tested.settings.logFolder)/\(tested.settings.names[0]).log"
      let lines = (0..<100_000).map { "2026/11/29 00:00:00| line \($0) of a Squid with much to say" }
      let log = try FileHandle(forWritingTo: URL(filePath: path))
      try log.seekToEnd()
      try log.write(contentsOf: Data((lines.joined(separator: "\n") + "\n").utf8))
      await instance.cutLog()
      let cut = try String(contentsOfFile: path, encoding: .utf8)
      #expect(cut.utf8.count <= SquidLog.kept)
      #expect(cut.hasPrefix("2026/11/29 00:00:00| line ") && cut.contains("\n\(lines[99_999])\n"))
      // Told to read its configuration, Squid says so; it does not leave a hole where the old lines were.
      try await tested.fleet.readAgain()
      let after = try await waiting(for: "Squid to say more") {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        return text.dropFirst(cut.count).contains("Reconfiguring") ? text : nil
      }
      #expect(after.hasPrefix(cut) && !after.contains("\0"))
    }
  }

  @Test func `a log that is short is left as it is, and what a link leads to too`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "steer-log-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (short, long, link) = (
      folder.appending(path: "short"), folder.appending(path: "long"), folder.appending(path: "link")
    )
    try Data("one line\n".utf8).write(to: short)
    let text = Data(repeating: UInt8(ascii: "x"), count: SquidLog.longest + 1)
    try text.write(to: long)
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: long)
    try SquidLog(path: short.path).cut()
    try SquidLog(path: folder.appending(path: "none").path).cut()
    #expect(throws: (any Error).self) { try SquidLog(path: link.path).cut() }
    #expect(try String(contentsOf: short, encoding: .utf8) == "one line\n")
    #expect(try Data(contentsOf: long) == text)
    try FileManager.default.linkItem(at: long, to: folder.appending(path: "name"))
    #expect(throws: (any Error).self) { try SquidLog(path: long.path).cut() }
  }

  @Test func `a port that is Steer's own, or that another program has, is named as the fault`() async throws {
    try await withFleet { tested in
      let (good, own) = (try LoopbackPort.free(), try LoopbackPort.free())
      let taken = try LoopbackSocket()
      try taken.listen()
      var settings = tested.settings
      settings.reservedPorts = [own]
      let fleet = SquidFleet(settings: settings, logger: tested.logger)
      for port in [own, taken.port] {
        let fault = await #expect(throws: SquidError.self) {
          try await fleet.apply(tested.text([good, port]), ports: [good, port])
        }
        #expect(fault?.ports == [port] && fault?.description.contains("\(port)") == true)
      }
      try await fleet.apply(tested.text([good]), ports: [good])
      await fleet.stop()
    }
  }

  @Test func `Squids that someone else runs are told of changes, and are not ended`() async throws {
    try await withFleet { theirs in
      let (one, two) = (try LoopbackPort.free(), try LoopbackPort.free())
      try await theirs.apply([one])
      var settings = theirs.settings
      settings.isSupervised = false
      let fleet = SquidFleet(settings: settings, logger: theirs.logger)
      try await fleet.apply(theirs.text([one, two]), ports: [one, two])
      let origin = try EchoOrigin()
      #expect(try Tunnel(proxy: two, to: origin.port).echoes("told"))
      await fleet.stop()
      #expect(try Tunnel(proxy: one, to: origin.port).echoes("there"))
    }
  }
}

/// A fleet in a folder of its own.
private struct TestedFleet {
  let settings: ProxySettings
  let logger: Logger
  let fleet: SquidFleet

  /// The configuration with listeners on ports.
  func text(_ ports: [UInt16]) -> String {
    let user = geteuid() == 0 ? "cache_effective_user \(settings.user)\n" : ""
    return ports.map { "http_port 127.0.0.1:\($0) name=p\($0) worker-queues\n" }.joined() + """
      \(user)pid_filename \(settings.folder)/${service_name}.pid
      cache_log \(settings.logFolder)/${service_name}.log
      access_log none
      pinger_enable off
      cache deny all
      shutdown_lifetime 1 second
      acl here src 127.0.0.0/8
      http_access allow here
      http_access deny all

      """
  }

  /// Serves on ports.
  func apply(_ ports: [UInt16]) async throws {
    try await fleet.apply(text(ports), ports: Set(ports))
  }
}

/// Runs a test with a fleet, and ends the fleet however that ends.
private func withFleet(_ body: (TestedFleet) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "steer-fleet-\(UUID().uuidString)")
  defer { try? FileManager.default.removeItem(at: folder) }
  let logs = folder.appending(path: "log")
  try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
  // Squid's own user writes there if the test is root's.
  try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: logs.path)
  var settings = ProxySettings(folder: folder.path)
  settings.drainSeconds = 1
  settings.addresses = [try #require(.init("127.0.0.1"))]
  let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
  let fleet = TestedFleet(settings: settings, logger: logger, fleet: SquidFleet(settings: settings, logger: logger))
  do {
    try await body(fleet)
  } catch {
    await fleet.fleet.stop()
    throw error
  }
  await fleet.fleet.stop()
}
