import Foundation
import Glibc
import ProxyRoutes
import TestSupport
import Testing

/// What `steer status` and `steer explain` say of a running server's proxies.
@Suite struct StatusCommandTests {
  private static let policy = TestPolicy.minimal.replacing(
    "  ports: [443, 8443]",
    with: "  parentProxies: [{host: parent.example, port: 3128}, {host: second.example, port: 3128}]")

  private static let status = """
    {"decisions":[{"count":3,"reason":"allowed","verdict":"allowed"},{"count":4,"reason":"noRule","verdict":"denied"}],
    "engine":{"instances":[{"name":"one","pid":17,"restarts":2,"since":1700000000,"state":"running"}],
    "isSupervised":true,"kind":"squid"},
    "enforceWouldDeny":1,"generation":"7/0123456789abcdef","helperConnections":2,
    "listeners":[{"isCurrent":true,"port":13128,"route":"one"},{"isCurrent":false,"port":13129,"route":"two"}],
    "malformed":0,"canCloseConnections":false,"connections":{"remembered":5,"forgotten":6,"closed":7},
    "parents":[{"host":"parent.example","port":3128,"interval":5,"timeout":2,"isUp":false,"isChecked":true,
    "since":1700000000,"lastError":"Connection refused"}]}
    """

  /// Answers each who connects to a Unix socket with the status, for as long as `body` takes.
  private func serving(_ body: (String, WorkingFolder) async throws -> Void) async throws {
    let folder = try WorkingFolder()
    let path = folder.path(of: "status.socket")
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8)) }
    let isListening = unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    try #require(isListening && listen(listener, 8) == 0)
    Thread.detachNewThread {
      while case let connection = accept(listener, nil, nil), connection >= 0 {
        var greeting = [UInt8](repeating: 0, count: 64)
        let count = unsafe read(connection, &greeting, greeting.count)
        let answer = String(decoding: greeting[..<max(0, count)], as: UTF8.self) == "status/1\n" ? Self.status : "?"
        _ = unsafe write(connection, Array(answer.utf8), answer.utf8.count)
        close(connection)
      }
    }
    try await body(path, folder)
    shutdown(listener, Int32(SHUT_RDWR))
  }

  @Test func theStatusIsPrintedForPeople() async throws {
    try await serving { path, _ in
      let status = try await Steer.run("status", "--socket", path)
      #expect(status.status == 0 && status.errors.isEmpty, "\(status.errors)")
      #expect(
        status.output == """
          generation    7/0123456789abcdef
          engine        squid, supervised
          instance      one: running since 2023-11-14T22:13:20Z, process 17, restarts: 2
          listener      port 13128: one
          listener      port 13129: two, about to close
          parent        parent.example:3128: down since 2023-11-14T22:13:20Z (Connection refused)
          decisions     allowed, allowed: 3
          decisions     denied, noRule: 4
          would deny    1
          helpers       2
          connections   remembered: 5, forgotten: 6, closed: 7
          warning       revoked connections cannot be closed: the server lacks CAP_NET_ADMIN

          """)
    }
  }

  @Test func theStatusIsPrintedForPrograms() async throws {
    try await serving { path, _ in
      let json = try await Steer.run("status", "--socket", path, "--output", "json")
      let status = try ProxyStatus(json: Array(json.output.utf8))
      let expected = try ProxyStatus(json: Array(Self.status.utf8))
      #expect(status == expected)
      let metrics = try await Steer.run("status", "--socket", path, "--output", "prometheus")
      #expect(metrics.output == expected.prometheus)
    }
  }

  @Test func withoutAServerTheReasonIsSaidAndItFails() async throws {
    let folder = try WorkingFolder()
    let status = try await Steer.run("status", "--socket", folder.path(of: "none"))
    #expect(status.status == 1 && status.output.isEmpty)
    #expect(status.errors.hasPrefix("error: there is no socket at \(folder.path(of: "none"))"), "\(status.errors)")
  }

  @Test func anExplanationTellsHowTheServerSeesTheParents() async throws {
    try await serving { path, folder in
      try folder.write(Self.policy, to: "policy.yaml")
      let question = [
        "explain", "--policy", folder.path(of: "policy.yaml"), "--from", "team-a", "--via", "one", "--connect",
        "login.example.com:443",
      ]
      let plain = try await SteerTests.run([Steer.path] + question)
      let explained = try await SteerTests.run([Steer.path] + question + ["--socket", path])
      #expect(explained.status == 0, "\(explained.errors)")
      #expect(explained.lines.count == plain.lines.count + 2)
      #expect(
        explained.lines.suffix(2) == [
          "parent        parent.example:3128: down since 2023-11-14T22:13:20Z (Connection refused)",
          "parent        second.example:3128: not checked yet, counts as up",
        ])
      let json = try await SteerTests.run([Steer.path] + question + ["--socket", path, "--output", "json"])
      struct Parents: Decodable { let parents: [ProxyStatus.Parent] }
      let parents = try JSONDecoder().decode(Parents.self, from: Data(json.output.utf8)).parents
      #expect(parents.map(\.isUp) == [false, true] && parents[0].lastError == "Connection refused")
      #expect(json.output.contains("\"generation\""))

      let absent = try await SteerTests.run([Steer.path] + question + ["--socket", path + "-none"])
      #expect(absent.status == 1 && absent.errors.contains("there is no socket"))
      let pointless = try await Steer.run(
        "explain", "--policy", folder.path(of: "policy.yaml"), "--from", "team-a", "one.steer.test", "--socket", path)
      #expect(pointless.status == 64 && pointless.errors.contains("--socket goes with --connect"))
    }
  }
}
