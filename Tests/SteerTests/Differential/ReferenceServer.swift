import DNSWire
import Foundation
import Glibc
import TestSupport
import Testing

/// A server that answers are compared with.
enum ReferenceServer: String, CaseIterable, Sendable {
  case nsd, knot

  /// How often a port is tried that another program may take before the server does.
  private static let attempts = 5

  /// Serves zones on loopback for as long as `body` takes, and ends the server however that ends.
  func serving<Result>(_ zones: [GeneratedZone], _ body: (Endpoint) async throws -> Result) async throws -> Result {
    let folder = try WorkingFolder()
    for zone in zones { try folder.write(zone.text, to: "\(zone.name).zone") }
    var faults = ""
    for _ in 0..<Self.attempts {
      let endpoint = Endpoint(address: IPAddress(v4: 0x7F00_0001), port: try Self.freePort())
      try folder.write(configuration(zones, in: folder, port: endpoint.port), to: "\(rawValue).conf")
      let server = try ChildProcess(command(in: folder), in: folder)
      do {
        if try await answers(zones, at: endpoint, server) {
          let result = try await body(endpoint)
          await end(server)
          return result
        }
      } catch {
        await end(server)
        throw error
      }
      faults = server.output + server.errors
      await end(server)
    }
    throw Unavailable(description: "\(rawValue) does not serve; deploy/test.sh installs it\n\(faults)")
  }

  private struct Unavailable: Error, CustomStringConvertible {
    var description: String
  }

  /// Ends a server and its children: NSD's end when their parent does in an orderly way.
  private func end(_ server: ChildProcess) async {
    server.send(SIGTERM)
    if (try? await server.status()) == nil { server.send(SIGKILL) }
  }

  /// Waits until a server answers for all zones; false if it ends before.
  private func answers(_ zones: [GeneratedZone], at endpoint: Endpoint, _ server: ChildProcess) async throws -> Bool {
    for zone in zones {
      let query = WireQuery(labels: zone.apex.labels, .soa)
      try await eventually("\(rawValue) answers for \(zone.apex)\n\(server.output)\(server.errors)") {
        guard server.isRunning else { return true }
        guard let client = try? LoopbackClient(from: endpoint.address, to: endpoint) else { return false }
        client.setPatience(milliseconds: 500)
        guard let octets = try? client.ask(query.octets), let answer = try? LDNSMessage(octets) else { return false }
        return answer.flags.contains(.authoritative)
      }
    }
    return server.isRunning
  }

  /// A port that nobody has, for UDP and TCP.
  private static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    try #require(isBound, "there is no free port: errno \(errno)")
    return UInt16(bigEndian: address.sin_port)
  }

  /// What runs the server in the foreground, open to the signals that tests block.
  private func command(in folder: WorkingFolder) -> [String] {
    let file = folder.path(of: "\(rawValue).conf")
    return ["env", "--default-signal"] + (self == .nsd ? ["nsd", "-d", "-c", file] : ["knotd", "-c", file])
  }

  private func configuration(_ zones: [GeneratedZone], in folder: WorkingFolder, port: UInt16) -> String {
    switch self {
    case .nsd:
      """
      server:
        ip-address: 127.0.0.1@\(port)
        username: ""
        chroot: ""
        server-count: 1
        zonesdir: "\(folder.path)"
        zonelistfile: "\(folder.path)/zone.list"
        pidfile: "\(folder.path)/nsd.pid"
        xfrdfile: "\(folder.path)/xfrd.state"
        xfrdir: "\(folder.path)"
        refuse-any: no
        rrl-ratelimit: 0
        rrl-whitelist-ratelimit: 0
      remote-control:
        control-enable: no

      """ + zones.map { "zone:\n  name: \"\($0.apex)\"\n  zonefile: \"\($0.name).zone\"\n" }.joined()
    case .knot:
      """
      server:
        rundir: "\(folder.path)"
        listen: 127.0.0.1@\(port)
        udp-workers: 1
        tcp-workers: 1
        background-workers: 1
      database:
        storage: "\(folder.path)"
      control:
        listen: "\(folder.path)/knot.sock"
      log:
      - target: stderr
        any: notice
      template:
      - id: default
        storage: "\(folder.path)"
        zonefile-sync: -1
        journal-content: none
      zone:

      """ + zones.map { "- domain: \"\($0.apex)\"\n  file: \"\($0.name).zone\"\n" }.joined()
    }
  }
}
