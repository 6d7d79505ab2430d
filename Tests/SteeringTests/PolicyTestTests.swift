import Steering
import TestSupport
import Testing

@Suite struct PolicyTestTests {
  private func failures(_ test: String) throws -> Int {
    let documents =
      TestPolicy.minimal + """

        ---
        apiVersion: egress.aibang.com/v1alpha1
        kind: EgressTest
        metadata: {name: test}
        spec: {\(test)}
        """
    let snapshot = try TestPolicy.snapshot(documents)
    return try TestPolicy.policy(documents).tests.map { snapshot.run($0).failures.count }.reduce(0, +)
  }

  @Test(arguments: [
    "from: {namespace: team-a}, query: {name: one.steer.test}, expect: {rcode: NOERROR, addresses: [10.96.0.1]}",
    "from: {ip: 10.8.1.1}, query: {name: one.steer.test, type: AAAA}, expect: {rcode: NODATA}",
    "from: {namespace: team-b}, query: {name: one.steer.test}, expect: {rcode: NXDOMAIN}",
    "from: {namespace: team-b}, connect: {via: one, host: login.example.com, expect: Deny}",
    "from: {namespace: team-a}, connect: {via: one, host: a.wild.example.com, port: 8443, expect: Allow}",
    "from: {namespace: team-a}, connect: {via: one, method: GET, host: login.example.com, expect: Deny}",
  ])
  func whatHoldsPasses(test: String) throws {
    #expect(try failures(test) == 0)
  }

  @Test(arguments: [
    "from: {namespace: team-a}, query: {name: one.steer.test}, expect: {addresses: [10.96.0.2]}",
    "from: {namespace: team-a}, query: {name: one.steer.test}, expect: {rcode: NODATA}",
    "from: {namespace: team-a}, query: {name: _generation.steer.test, type: TXT}, expect: {rcode: NODATA}",
    "from: {namespace: team-a}, query: {name: one.steer.test}, expect: {rcode: NXDOMAIN}",
    "from: {namespace: team-a}, connect: {via: one, host: evil.example.com, expect: Allow}",
    "from: {namespace: team-a}, connect: {via: one, host: login.example.com, expect: Deny}",
    "from: {namespace: team-a}, connect: {via: one, method: GET, host: login.example.com, expect: Allow}",
  ])
  func whatDoesNotHoldFails(test: String) throws {
    #expect(try failures(test) == 1)
  }
}
