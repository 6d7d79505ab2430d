import DNSWire
import Foundation
import Glibc
import TestSupport
import Testing

/// A running secondary.
struct Secondary: Sendable {
  let program: SecondaryProgram
  /// The views that it has.
  let views: [SecondaryView]
  let endpoint: Endpoint
  private let child: ChildProcess

  /// Starts a secondary of `zones` at a port.
  init(
    _ program: SecondaryProgram, _ views: [SecondaryView], of zones: [String], primary: Endpoint, port: UInt16
  ) throws {
    self.program = program
    self.views = views
    endpoint = Endpoint(address: IPAddress(v4: 0x7F00_0001), port: port)
    let folder = try WorkingFolder()
    let text =
      program.preamble(port: port, folder: folder.path)
      + program.configuration(views, of: zones, primary: primary, readers: "127.0.0.0/8")
    try folder.write(text, to: "server.conf")
    child = try ChildProcess(program.command(file: folder.path(of: "server.conf")), in: folder)
  }

  /// Ends it, its own children too.
  func stop() async {
    // Asked first, for only then does it end what it started itself.
    child.send(SIGTERM)
    _ = try? await child.status()
    child.send(SIGKILL)
  }

  /// What it has to say, for a test that fails.
  var log: String { "\(program.rawValue) \(views.map(\.name)):\n\(child.errors)\(child.output)" }

  /// Its answer to a question of a client in a view.
  func ask(_ name: String, _ type: RecordType, as view: SecondaryView) throws -> LDNSMessage {
    let client = try LoopbackClient(from: try #require(IPAddress(view.client)), to: endpoint)
    // One that does not listen yet refuses at once, and one that is starting may not answer.
    client.setPatience(milliseconds: 2000)
    return try LDNSMessage(client.ask(WireQuery(id: .random(in: .min ... .max), name, type).octets))
  }

  /// The serial that a zone has in a view; nil if it has none yet.
  func serial(of zone: String, in view: SecondaryView) -> UInt32? {
    guard let answer = try? ask(zone, .soa, as: view).answer.first else { return nil }
    return answer.split(separator: " ").dropFirst(6).first.flatMap { UInt32($0) }
  }

  /// Waits until it has a serial of all zones in all views.
  func awaitSerial(_ serial: UInt32, of zones: [String], within time: Duration) async throws {
    let deadline = ContinuousClock.now + time
    for view in views {
      for zone in zones {
        while self.serial(of: zone, in: view) != serial {
          try #require(ContinuousClock.now < deadline, "no serial \(serial) of \(zone) in \(view.name)\n\(log)")
          // Between two looks, so as not to take the processor from what is waited for.
          try await Task.sleep(for: .milliseconds(20))
        }
      }
    }
  }
}
