import Control
import DNSWire
import KubernetesAPI
import Steering
import SteeringPolicy
import TestSupport
import Testing

/// Whatever is changed, in whatever order: what serves is made of versions that were accepted, and decides as these say.
@Suite struct HoldingBackPropertyTests {
  /// A version of an object.
  private struct Version: Hashable {
    var key: CustomObject.Key
    var uid: String
    var generation: Int64

    init(_ object: CustomObject) {
      (key, uid, generation) = (object.key, object.uid, object.generation)
    }
  }

  /// What a policy of the test says.
  private struct Rule {
    var team: String
    var route: String
    var allows: Bool
    var priority: Int
  }

  private static let namespaces = ["n0", "n1", "n2"]
  private static let teams = ["a", "b", "c"]

  @Test(arguments: UInt64(1)...6)
  func whatServesWasAcceptedAndDecidesAsItSays(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var cluster = TestCluster()
    cluster.applyZone()
    var rules: [Version: Rule] = [:]
    var acceptedOnce: Set<Version> = []
    var heldSomething = 0
    for step in 0..<50 {
      for _ in 0..<Int.random(in: 1...4, using: &random) { change(&cluster, &rules, &random) }
      let before = Set((cluster.accepted?.objects ?? []).map(\.key))
      let result = cluster.load()
      let isFirst = before.isEmpty && cluster.accepted == nil
      guard let snapshot = result.snapshot else {
        // Only a start may be refused, for a policy that cannot be read.
        #expect(isFirst && result.held.keys.contains { $0.hasPrefix("EgressPolicy") }, "step \(step)")
        continue
      }
      let served = try #require(result.accepted).objects
      for status in result.statuses where status.isAccepted {
        let object = try #require(cluster.objects[status.key])
        acceptedOnce.insert(Version(object))
        #expect(served.contains(object), "step \(step): \(status.key) is accepted but another version serves")
      }
      heldSomething += result.held.isEmpty ? 0 : 1
      #expect(
        acceptedOnce.isSuperset(of: served.map(Version.init)), "step \(step): a version serves that never was good")
      #expect(
        Set(served.map(\.key)).isSuperset(of: before.intersection(cluster.objects.keys)),
        "step \(step): an object that served is gone without being deleted")
      try check(snapshot, against: served.compactMap { rules[Version($0)] }, cluster, "step \(step)")
      let anew = SnapshotLoader.load(
        PolicyInputs(files: [], objects: served, inventory: cluster.inventory), serial: 1)
      #expect(anew.snapshot?.generation.digest == snapshot.generation.digest, "step \(step)")
    }
    #expect(heldSomething > 5)
  }

  /// Checks each namespace's decision about each route: that of the policies of the lowest number, if they are of one mind.
  private func check(
    _ snapshot: Snapshot, against rules: [Rule], _ cluster: TestCluster, _ comment: Comment
  ) throws {
    for namespace in Self.namespaces {
      let team = cluster.inventory?.namespaces[namespace]?["team"] ?? ""
      for (index, route) in snapshot.routes.enumerated() {
        let about = rules.filter { $0.team == team && $0.route == route.name }
        let first = about.map(\.priority).min()
        let deciding = about.filter { $0.priority == first }
        let isAllowed = !deciding.isEmpty && deciding.allSatisfy(\.allows)
        let told = snapshot.explain(
          Destination(host: "login.example.com", port: 443), via: index,
          for: .namespace(namespace, serviceAccount: nil))
        #expect(told?.connect?.verdict == (isAllowed ? "Allow" : "Deny"), comment)
      }
    }
  }

  /// Changes something, for better or worse.
  private func change(_ cluster: inout TestCluster, _ rules: inout [Version: Rule], _ random: inout SeededGenerator) {
    let number = Int.random(in: 1...5, using: &random)
    switch Int.random(in: 0..<12, using: &random) {
    case 0:
      let team = ["team": Self.teams.randomElement(using: &random) ?? "a"]
      cluster.inventory?.namespaces[Self.namespaces.randomElement(using: &random) ?? "n0"] = team
    case 1: cluster.delete("EgressRoute", "r\(number)")
    case 2: cluster.delete("EgressPolicy", "p\(number)")
    case 3: cluster.apply("EgressRoute", "r\(number)", #"{"hostnames":[]}"#)
    case 4:
      let name = "p\(number)"
      cluster.apply("EgressPolicy", name, #"{"priority":1,"egress":[]}"#)
    case 5...7:
      let host = Int.random(in: 1...5, using: &random)
      cluster.applyRoute("r\(number)", "h\(host).steer.test", Int.random(in: 1...5, using: &random))
    default:
      let rule = Rule(
        team: Self.teams.randomElement(using: &random) ?? "a", route: "r\(Int.random(in: 1...5, using: &random))",
        allows: Bool.random(using: &random), priority: Int.random(in: 1...2, using: &random))
      cluster.applyPolicy(
        "p\(number)", team: rule.team, rule.route, rule.allows ? "Allow" : "Deny", priority: rule.priority)
      if let object = cluster.objects[CustomObject.Key(kind: "EgressPolicy", name: "p\(number)")] {
        rules[Version(object)] = rule
      }
    }
  }
}
