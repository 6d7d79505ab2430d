import Foundation
import Glibc
import ProxyRoutes
import TestSupport
import Testing

extension EgressLab {
  /// The processes of a place whose command line has a text.
  func processes(with text: String, in place: Lab.Place) async throws -> Set<pid_t> {
    let listed = try await run(["ip", "netns", "pids", lab.name(of: place)])
    return Set(
      listed.lines.compactMap { pid_t($0) }.filter { process in
        let words = (FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()).split(separator: 0)
        return words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ").contains(text)
      })
  }

  /// Steer's Squids.
  func squids() async throws -> Set<pid_t> {
    try await processes(with: "-f \(proxyFolder)/", in: .steer)
  }

  /// What Squid asks, and what asks Steer.
  func helpers() async throws -> Set<pid_t> {
    try await processes(with: "proxy-helper", in: .steer)
  }

  /// The Squid of the second tier on a VM.
  func parents(in vm: Lab.Place) async throws -> Set<pid_t> {
    try await processes(with: "squid -N", in: vm)
  }

  /// What Steer tells of its proxies and their parents.
  func status() async throws -> ProxyStatus {
    try await ProxyStatus.ask(proxyFolder + "/decisions.socket")
  }

  /// Waits until so many Squids of Steer's accept on a listener.
  func awaitSquids(_ count: Int = 2, port: UInt16 = EgressLab.Service.microsoft.listenerPort) async throws {
    try await eventually("\(count) Squids accept on port \(port)") {
      let listeners = try await lab.run(["ss", "-Hltn", "sport = :\(port)"], in: .steer)
      return listeners.lines.count >= count
    }
  }

  /// Runs `body`, and prints how long it took, for the table of the documentation.
  func measured<Result>(_ what: String, _ body: () async throws -> Result) async throws -> Result {
    let start = ContinuousClock.now
    defer { print("measured: \(what): \(ContinuousClock.now - start)") }
    return try await body()
  }
}
