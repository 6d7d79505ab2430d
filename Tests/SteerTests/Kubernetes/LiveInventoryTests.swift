import TestAPIServer
import TestSupport
import Testing

/// Pods and Services that come and go while a server runs.
@Suite(.serialized) struct LiveInventoryTests {
  @Test func `a pod is answered by its namespace from its start to its end, and nothing is compiled for it`()
    async throws
  {
    try await TestCluster.running { cluster in
      try await cluster.serving { server in
        let generation = try server.generation()
        #expect(try server.addresses(of: "microsoft", from: "127.0.0.11") == ["10.96.7.10"])
        #expect(try server.addresses(of: "microsoft", from: "127.0.0.21").isEmpty)
        try cluster.apply(pod: "api-2", in: "team-a", at: "127.0.0.21")
        try await eventually("the pod is known") {
          try server.addresses(of: "microsoft", from: "127.0.0.21") == ["10.96.7.10"]
        }
        cluster.api.delete(.pods, namespace: "team-a", name: "api-2")
        try await eventually("the pod is known no more") {
          try server.addresses(of: "microsoft", from: "127.0.0.21").isEmpty
        }
        #expect(try server.generation() == generation)
      }
    }
  }

  @Test func `an address that goes to a pod of another namespace is answered as that one's`() async throws {
    try await TestCluster.running { cluster in
      try await cluster.serving { server in
        try cluster.apply(pod: "api-9", in: "team-a", at: "127.0.0.12")
        try await eventually("the newer pod has the address") {
          try server.addresses(of: "microsoft", from: "127.0.0.12") == ["10.96.7.10"]
        }
        cluster.api.delete(.pods, namespace: "team-a", name: "api-9")
        try await eventually("the older pod has it again") {
          try server.addresses(of: "microsoft", from: "127.0.0.12").isEmpty
        }
      }
    }
  }

  @Test func `a Service that is made again is answered with its new address`() async throws {
    try await TestCluster.running { cluster in
      try await cluster.serving { server in
        let first = try server.generation()
        cluster.api.delete(.services, namespace: "intra-proxy", name: "microsoft")
        try await eventually("a route without its Service has no address") {
          try server.addresses(of: "microsoft", from: "127.0.0.11").isEmpty
        }
        let without = try server.ask("microsoft.intra.aibang.local", from: "127.0.0.11")
        #expect(without.rcode == 0, "the name is there all the same")
        try await eventually("who asked for it is told") { server.child.errors.contains("before=[\"10.96.7.10\"]") }
        try cluster.apply(service: "microsoft", address: "10.96.7.77", target: 13128)
        try await eventually("the new address is answered") {
          try server.addresses(of: "microsoft", from: "127.0.0.11") == ["10.96.7.77"]
        }
        #expect(SerialComparison.isAfter(try server.generation().serial, first.serial))
        try await eventually("its return is told with the address of before its going") {
          server.child.errors.split(separator: "\n").contains {
            $0.contains("before=[\"10.96.7.10\"]") && $0.contains("after=[\"10.96.7.77\"]")
          }
        }
      }
    }
  }

  @Test func `what no route refers to makes no new generation`() async throws {
    try await TestCluster.running { cluster in
      try await cluster.serving { server in
        let generation = try server.generation()
        try cluster.api.apply(
          .service(namespace: "team-b", name: "own", addresses: ["10.96.9.9"], ports: [(80, 8080)]))
        try cluster.apply(service: "github", address: "10.96.7.99", target: 13129)
        try await eventually("the change that matters is served") { try server.generation() != generation }
        let second = try server.generation()
        cluster.api.delete(.services, namespace: "team-b", name: "own")
        try cluster.apply(pod: "api-2", in: "team-a", at: "127.0.0.21")
        try await eventually("what came after it is known") {
          try server.addresses(of: "microsoft", from: "127.0.0.21") == ["10.96.7.10"]
        }
        #expect(try server.generation() == second)
      }
    }
  }

  @Test func `file policy is served with the live inventory`() async throws {
    try await TestCluster.running { cluster in
      let policy = try WorkingFolder(copying: WorkingFolder.zones)
      try policy.write("", to: "inventory.yaml")
      try cluster.apply(service: "microsoft-canary", address: "10.96.7.11", target: 13128)
      try await SteerProcess.serving(
        policy.path, ["--kubernetes-inventory", "--kubeconfig", cluster.kubeconfig]
      ) { server in
        #expect(try server.addresses(from: "127.0.0.11") == ["10.96.7.10"])
        #expect(try server.addresses(from: "127.0.0.12") == ["10.96.7.11"])
        try policy.replace("ttl: 10s", with: "ttl: 20s", in: "zone.yaml")
        try await eventually("a changed file is served") {
          try server.ask("microsoft.intra.aibang.local").answer.first?.contains(" 20 IN A ") == true
        }
        #expect(try server.addresses(from: "127.0.0.12") == ["10.96.7.11"], "the live pods are still there")
      }
    }
  }
}
