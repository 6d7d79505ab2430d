import Control
import DNSWire
import Steering
import SteeringPolicy
import Testing

/// Two policies of one priority that decide differently, in a cluster where nobody can be asked first.
@Suite struct PolicyTieTests {
  /// Team a may use the route by one policy, and whoever is on call may not by another of the same priority.
  private func cluster() -> TestCluster {
    var cluster = TestCluster.withOneRoute()
    cluster.inventory?.namespaces["team-c"] = ["team": "c"]
    cluster.inventory?.namespaces["duty"] = ["duty": "yes"]
    cluster.applyPolicy("on-call", team: "c", "one", "Deny")
    cluster.apply(
      "EgressPolicy", "duty",
      #"{"priority":100,"subject":{"namespaces":{"matchLabels":{"duty":"yes"}}},"#
        + #""egress":[{"action":"Deny","routeRefs":[{"name":"one"}]}]}"#)
    _ = cluster.load()
    return cluster
  }

  @Test func ofTwoPoliciesThatTieTheOneThatChangedIsHeldBack() throws {
    var cluster = cluster()
    cluster.applyPolicy("on-call", team: "a", "one", "Deny")
    let first = cluster.load()
    #expect(first.held == ["EgressPolicy/on-call": [.tiedPriority]])
    #expect(try first.answer("one.steer.test", from: "team-a") == "10.96.0.1")
    // By name the other one would be first, and by age too.
    cluster.applyPolicy("on-call", team: "c", "one", "Deny")
    #expect(cluster.load().held == [:])
    cluster.applyPolicy("team-a", team: "c", "one")
    let second = cluster.load()
    #expect(second.held == ["EgressPolicy/team-a": [.tiedPriority]])
    #expect(try second.answer("one.steer.test", from: "team-a") == "10.96.0.1")
  }

  @Test func aTieThatANamespaceBringsAboutDeniesItTheRouteAndNobodyElse() throws {
    var cluster = cluster()
    cluster.inventory?.namespaces["team-d"] = ["team": "a"]
    cluster.inventory?.namespaces["team-a"] = ["team": "a", "duty": "yes"]
    cluster.applyRoute("two", "two.steer.test", 2)
    let result = cluster.load()
    #expect(result.held == [:])
    #expect(result.diagnostics.map(\.code) == [.tiedPriority])
    #expect(!result.diagnostics.hasErrors)
    #expect(try result.answer("one.steer.test", from: "team-a") == "NXDOMAIN")
    #expect(try result.answer("one.steer.test", from: "team-d") == "10.96.0.1")
    // What is new takes effect all the same.
    #expect(result.policy?.routes.count == 2)
    cluster.inventory?.namespaces["team-a"] = ["team": "a"]
    #expect(try cluster.load().answer("one.steer.test", from: "team-a") == "10.96.0.1")
  }

  @Test func theProxyDeniesWhatTheDNSDeniesAndBothRulesAreNamed() throws {
    var cluster = cluster()
    cluster.inventory?.namespaces["team-a"] = ["team": "a", "duty": "yes"]
    let snapshot = try #require(cluster.load().snapshot)
    let client = Client.namespace("team-a", serviceAccount: nil)
    let explanation = try #require(
      snapshot.explain(Destination(host: "login.example.com", port: 443), via: 0, for: client))
    #expect(explanation.connect?.verdict == "Deny")
    let words = [explanation.decision?.rule, explanation.decision?.reason].compactMap(\.self).joined(separator: " ")
    #expect(words.contains("team-a/rule-0") && words.contains("duty/rule-0"))
  }

  @Test func aTieAtTheFirstLoadDeniesInsteadOfRefusingAll() throws {
    var cluster = cluster()
    cluster.applyPolicy("on-call", team: "a", "one", "Deny")
    cluster.applyPolicy("team-b", team: "b", "one")
    cluster.accepted = nil
    let result = cluster.load()
    #expect(try result.answer("one.steer.test", from: "team-a") == "NXDOMAIN")
    #expect(try result.answer("one.steer.test", from: "team-b") == "10.96.0.1")
  }
}
