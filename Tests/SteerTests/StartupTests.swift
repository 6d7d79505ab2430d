import Foundation
import Testing

/// How a server that cannot start says why.
@Suite struct StartupTests {
  @Test func aPolicyWithErrorsIsRefusedWithAllOfThem() async throws {
    let serve = try await Steer.run("serve", "--policy", Mistakes.path, "--listen", "127.0.0.1:0")
    #expect(serve.status == 1)
    #expect(serve.output.isEmpty)
    let check = try await Steer.run("check", Mistakes.path)
    for line in check.lines where line.hasSuffix("]") { #expect(serve.errors.contains(line)) }
    #expect(serve.errors.contains("cannot start: the policy is refused; 10 errors"))
  }

  @Test func aPortInUseIsNamed() async throws {
    try await SteerProcess.serving { server in
      let address = "\(try server.endpoint)"
      let second = try await Steer.run("serve", "--policy", WorkingFolder.zones.path, "--listen", address)
      #expect(second.status == 1)
      #expect(second.output.isEmpty)
      #expect(second.errors.contains("cannot listen on \(address): Address already in use; another server has it"))
    }
  }

  @Test(arguments: [
    ("127.0.0.1:5399", "127.0.0.1:5399"), ("0.0.0.0:5399", "127.0.0.1:5399"), ("127.0.0.1:5399", "0.0.0.0:5399"),
    ("[::]:5399", "127.0.0.1:5399"), ("[::1]:5399", "[::]:5399"),
  ])
  func aPortThatAdminAndDNSBothHaveIsNamedWithBoth(admin: String, listen: String) async throws {
    let serve = try await Steer.run(
      "serve", "--policy", WorkingFolder.zones.path, "--admin", admin, "--listen", listen)
    #expect(serve.status == 64 && serve.output.isEmpty)
    #expect(serve.errors.contains("admin.listen: \(admin) cannot be listened at beside \(listen), which is for DNS"))
  }

  @Test func adminAndDNSMayHaveOnePortAtTwoAddresses() async throws {
    try await SteerProcess.serving { first in
      // A port that is likely to be free at other addresses too.
      let port = try first.endpoint.port
      try await SteerProcess.serving(
        WorkingFolder.zones.path, ["--admin", "127.0.0.2:\(port)"], listen: ["127.0.0.3:\(port)"]
      ) { server in
        let own = try server.endpoint.port
        #expect(own == port)
      }
    }
  }

  @Test func aServerThatCannotStartTakesNoQueryFromTheOneThatServes() async throws {
    try await SteerProcess.serving { server in
      let load = Load(server: try server.endpoint)
      async let answers = load.run(atLeast: 1)
      for _ in 0..<10 {
        let second = try await Steer.run(
          "serve", "--policy", WorkingFolder.zones.path, "--threads", "32", "--listen", "\(try server.endpoint)")
        #expect(second.status == 1)
      }
      load.end()
      _ = try await answers
    }
  }

  @Test func aServerThatLogsJSONSaysInJSONWhyItCannotStart() async throws {
    let serve = try await Steer.run(
      "serve", "--policy", Mistakes.path, "--listen", "127.0.0.1:0", "--log-format", "json")
    #expect(serve.status == 1)
    let lines = serve.errors.split(separator: "\n")
    #expect(lines.count == 11)
    for line in lines { #expect((try? JSONSerialization.jsonObject(with: Data(line.utf8))) is [String: Any]) }
  }

  @Test func anAddressOfAnotherMachineIsNamed() async throws {
    let serve = try await Steer.run("serve", "--policy", WorkingFolder.zones.path, "--listen", "192.0.2.1:5300")
    #expect(serve.status == 1)
    #expect(
      serve.errors.contains("192.0.2.1:5300") && serve.errors.contains("this machine does not have the address"))
  }

  @Test func aPolicyThatIsNotThereIsNamed() async throws {
    let serve = try await Steer.run("serve", "--policy", "/nowhere/policy", "--listen", "127.0.0.1:0")
    #expect(serve.status == 1)
    #expect(serve.errors.contains("/nowhere/policy:1:1: error: ") && serve.errors.contains("[file-unreadable]"))
  }

  @Test func aServerWithoutAPolicyIsNotStarted() async throws {
    let serve = try await Steer.run("serve", "--listen", "127.0.0.1:0")
    #expect(serve.status == 64)
    #expect(serve.errors.contains("Name the policy: --policy PATH, STEER_POLICY, or 'policy'"))
  }
}
