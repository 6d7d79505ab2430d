import DNSWire
import SteeringPolicy
import TestSupport
import Testing

@testable import Steering

@Suite struct ProxyDecisionTests {
  /// Two routes and clients of every kind; the second route takes plain HTTP too.
  private static let documents =
    TestPolicy.minimal + """

      ---
      apiVersion: egress.aibang.com/v1alpha1
      kind: EgressRoute
      metadata: {name: two}
      spec:
        hostnames: [two.steer.test]
        backendRefs: [{namespace: proxy, name: two, port: 3128}]
        listenerPort: 13129
        domainNames: [plain.example.com]
        ports: [80]
      ---
      {apiVersion: v1, kind: Service, metadata: {namespace: proxy, name: two}, \
      spec: {clusterIP: 10.96.0.2, ports: [{port: 3128, targetPort: 13129}]}}
      ---
      apiVersion: egress.aibang.com/v1alpha1
      kind: EgressPolicy
      metadata: {name: block}
      spec:
        priority: 20
        subject: {ipBlocks: [{cidr: 192.0.2.0/24}]}
        egress: [{action: Allow, routeRefs: [{name: one}]}, {name: never, action: Deny, routeRefs: [{name: two}]}]
      ---
      apiVersion: egress.aibang.com/v1alpha1
      kind: EgressPolicy
      metadata: {name: trial}
      spec:
        priority: 5
        mode: Report
        subject: {serviceAccounts: [{namespace: team-a, name: default}]}
        egress: [{name: trial, action: Deny, routeRefs: [{name: one}]}]
      """

  private func decide(
    _ client: String, _ port: UInt16 = 13128, _ method: String = "CONNECT", to host: String = "login.example.com",
    _ destinationPort: UInt16 = 443, in snapshot: Snapshot? = nil
  ) throws -> ProxyDecision {
    let request = ProxyRequest(
      client: try #require(IPAddress(client)), clientPort: 40_000, listenerPort: port, method: method,
      destination: Destination(host: host, port: destinationPort))
    return ProxyAuthorizer.decide(request, in: try snapshot ?? TestPolicy.snapshot(Self.documents))
  }

  @Test func aDecisionNamesTheClientAndTheRulesThatItWasMadeBy() throws {
    let decision = try decide("10.8.1.1")
    #expect(decision.isAllowed && decision.reason == .reportMode && decision.route == 0)
    #expect(decision.rule == "team-a/one" && decision.reportedRule == "trial/trial")
    #expect(decision.namespace == "team-a" && decision.serviceAccount == "default" && decision.pod == "api")
    #expect(decision.identity == "pod")
  }

  @Test func aClientThatIsNoPodHasAnIdentityAndNoNames() throws {
    let block = try decide("192.0.2.7", 13129, to: "plain.example.com", 80)
    #expect(!block.isAllowed && block.reason == .deniedByRule && block.rule == "block/never" && block.route == 1)
    #expect(block.identity == "address block" && block.namespace == nil && block.pod == nil)
    let nobody = try decide("198.51.100.1")
    #expect(!nobody.isAllowed && nobody.reason == .noRule && nobody.identity == "unknown" && nobody.rule == nil)
  }

  @Test(arguments: [UInt16(0), 1, 3128, 13127, 13130, 65_535])
  func aListenerThatIsNoRoutesIsClosed(port: UInt16) throws {
    let decision = try decide("10.8.1.1", port)
    #expect(!decision.isAllowed && decision.reason == .noRoute && decision.route == nil && decision.pod == "api")
  }

  @Test func theListenerAloneSaysWhichRouteItIs() throws {
    let snapshot = try TestPolicy.snapshot(Self.documents)
    #expect(snapshot.route(listenerPort: 13128) == 0 && snapshot.route(listenerPort: 13129) == 1)
    #expect(try decide("192.0.2.7", 13129).reason == .deniedByRule)
    #expect(try decide("192.0.2.7", 13128).isAllowed)
  }

  @Test(arguments: ["GET", "POST", "connect", "Connect", "", "CONNECT ", "NONE"])
  func aMethodThatTheRouteDoesNotHaveIsRefused(method: String) throws {
    let decision = try decide("10.8.1.1", 13128, method)
    #expect(!decision.isAllowed && decision.reason == .method)
  }

  @Test func aMethodThatTheRouteHasIsAllowedAndNoOther() throws {
    var policy = try TestPolicy.policy(Self.documents)
    policy.routes[0].methods = ["GET", "HEAD"]
    let snapshot = try #require(SnapshotCompiler.compile(.init(policy: policy, serial: 7)).snapshot)
    #expect(try decide("10.8.1.1", 13128, "GET", in: snapshot).isAllowed)
    #expect(try decide("10.8.1.1", 13128, "CONNECT", in: snapshot).reason == .method)
  }

  @Test func whilePodsAreNotSynchronizedOnlyKnownPodsConnect() throws {
    let snapshot = try TestPolicy.snapshot(Self.documents)
    let waiting = snapshot.replacing(pods: snapshot.pods, areSynchronized: false)
    #expect(try decide("10.8.1.1", in: waiting).isAllowed)
    for client in ["198.51.100.1", "192.0.2.7", "10.8.9.9"] {
      let decision = try decide(client, in: waiting)
      #expect(!decision.isAllowed && decision.reason == .notReady)
    }
  }
}
