import Foundation
import TestAPIServer
import TestSupport
import Testing

/// Policy in the cluster that changes while a server runs.
@Suite(.serialized) struct LivePolicyTests {
  @Test func `a policy that is applied changes the answer, and back when it is deleted`() async throws {
    try await TestCluster.running { cluster in
      try await cluster.serving { server in
        #expect(try server.addresses(of: "github", from: "127.0.0.12").isEmpty)
        try cluster.apply(policy: "team-b", routes: ["github"])
        try await eventually("the policy is served") {
          try server.addresses(of: "github", from: "127.0.0.12") == ["10.96.7.20"]
        }
        cluster.api.delete(.egressPolicies, name: "team-b")
        try await eventually("the policy is served no more") {
          try server.addresses(of: "github", from: "127.0.0.12").isEmpty
        }
      }
    }
  }

  @Test func `a bad object keeps its last good version, and is told why, and does not stop the others`()
    async throws
  {
    try await TestCluster.running { cluster in
      let environment = ["STEER_KUBERNETES_STATUS": "true", "STEER_KUBERNETES_POD_NAME": "steer-0"]
      try await cluster.serving(environment: environment) { server in
        try cluster.apply(policy: "team-a", routes: ["microsoft"], action: "Alow")
        try cluster.apply(policy: "team-b", routes: ["github"])
        try await eventually("the good one is served") {
          try server.addresses(of: "github", from: "127.0.0.12") == ["10.96.7.20"]
        }
        #expect(try server.addresses(of: "microsoft", from: "127.0.0.11") == ["10.96.7.10"])
        try await eventually("what is held back is logged") {
          server.child.errors.contains("its last good version serves on")
        }
        #expect(try await server.told("/readyz").contains("EgressPolicy/team-a"))
        try await eventually("its status says so") { cluster.accepted(.egressPolicies, "team-a") == "False" }
        try await eventually("the other's says that it is served") {
          cluster.accepted(.egressPolicies, "team-b") == "True"
        }
        let generation = try server.generation()
        try await cluster.serving { replica in
          #expect(try replica.addresses(of: "microsoft", from: "127.0.0.11") == ["10.96.7.10"])
          let digest = try replica.generation().digest
          #expect(digest == generation.digest, "a replica that starts now serves what this one serves")
        }
        try cluster.apply(policy: "team-a", routes: ["github"])
        try await eventually("the corrected one is served") {
          try server.addresses(of: "github", from: "127.0.0.11") == ["10.96.7.20"]
        }
        try await eventually("its status says that too") { cluster.accepted(.egressPolicies, "team-a") == "True" }
      }
    }
  }

  @Test func `a policy that cannot be served at the start is waited for, and nothing is answered before`()
    async throws
  {
    try await TestCluster.running { cluster in
      try cluster.apply(policy: "team-a", routes: ["microsoft"], action: "Alow")
      let child = try ChildProcess(
        [Steer.path, "serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"] + cluster.arguments,
        environment: ["STEER_KUBERNETES_STATUS": "true", "STEER_KUBERNETES_POD_NAME": "steer-0"],
        in: try WorkingFolder())
      defer { child.send(9) }
      try await eventually("the refusal is logged") { child.errors.contains("policy refused, and none was served") }
      #expect(child.output.isEmpty && child.errors.contains("EgressPolicy/team-a"))
      #expect(try await child.told("/readyz").contains("\"ready\":false"))
      #expect(try await child.told("/readyz").contains("EgressPolicy/team-a"))
      #expect(try await !child.told("/livez").isEmpty)
      // That it says so itself in the object's status makes it no policy that others serve without.
      try await eventually("the status says so") { cluster.accepted(.egressPolicies, "team-a") == "False" }
      try cluster.apply(policy: "team-b", routes: ["microsoft"], action: "Alow")
      try await eventually("it was loaded since") { child.errors.contains("EgressPolicy/team-b") }
      #expect(child.output.isEmpty)
      cluster.api.delete(.egressPolicies, name: "team-b")
      try cluster.apply(policy: "team-a", routes: ["microsoft"])
      try await eventually("it serves") { child.output.contains("listening") }
      #expect(try await child.told("/readyz").contains("\"ready\":true"))
    }
  }

  @Test func `a cluster without the policy's kinds is one without policy, until they are there`() async throws {
    try await TestCluster.running { cluster in
      let kinds: [APIResource] = [.steeringZones, .egressRoutes, .egressPolicies, .egressTests]
      for kind in kinds { cluster.api.setPresence(of: kind, false) }
      try await cluster.serving(policy: WorkingFolder.zones.path) { server in
        let addresses = try server.addresses(from: "127.0.0.11")
        #expect(addresses == ["10.96.7.10"], "the policy of the files is served")
      }
    }
  }
}

extension TestCluster {
  /// What the condition Accepted of an object says.
  func accepted(_ resource: APIResource, _ name: String) -> String? {
    let conditions = api.object(resource, name: name)?[path: "status", "conditions"]?.elements ?? []
    return conditions.first { $0["type"]?.text == "Accepted" }?["status"]?.text
  }
}
