import Control
import DNSWire
import KubernetesAPI
import Steering
import SteeringPolicy

/// A cluster's policy objects and inventory as a test changes them, loaded as a server does: with what it accepted.
struct TestCluster {
  /// The objects as they are in the cluster.
  private(set) var objects: [CustomObject.Key: CustomObject] = [:]
  /// The Services and namespaces.
  var inventory: ClusterInventory? = ClusterInventory(
    namespaces: ["team-a": ["team": "a"], "team-b": ["team": "b"]],
    services: Dictionary(
      uniqueKeysWithValues: (1...9).map { number in
        (TestCluster.service(number), TestCluster.clusterIP("10.96.0.\(number)", targetPort: 13000 + UInt16(number)))
      }))
  /// Files beside the objects.
  var files: [PolicyFile] = []
  /// What could not be read of them.
  var unreadable: [Diagnostic] = []
  /// Where zone files are.
  var folder: String?
  /// What the last load that gave a snapshot left; the cluster's server starts anew without it.
  var accepted: AcceptedInputs?
  private var clock: Int64 = 0

  /// The name of the Service that route `number` leads to.
  static func service(_ number: Int) -> NamespacedName { NamespacedName(namespace: "proxy", name: "route-\(number)") }

  /// A Service with an address whose port 3128 leads to a port of its pods.
  static func clusterIP(_ address: String, targetPort: UInt16) -> ClusterInventory.Service {
    ClusterInventory.Service(
      addresses: IPAddress(address).map { [$0] } ?? [], targets: [3128: .number(targetPort)])
  }

  /// Makes an object, or changes its spec, which is JSON or whatever else the test is about.
  mutating func apply(_ kind: String, _ name: String, _ spec: String, uid: String? = nil) {
    clock += 1
    let key = CustomObject.Key(kind: kind, name: name)
    let before = objects[key]
    let uid = uid ?? before?.uid ?? "\(kind)-\(name)-\(clock)"
    let generation = before?.uid == uid ? (before?.generation ?? 0) + 1 : 1
    // As the server writes it: compact, with fields that nobody wrote.
    let json =
      #"{"apiVersion":"egress.aibang.com/v1alpha1","kind":"\#(kind)","metadata":{"creationTimestamp":"#
      + #""2026-11-23T08:50:07Z","generation":\#(generation),"managedFields":[{"apiVersion":"#
      + #""egress.aibang.com/v1alpha1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{".":{},"#
      + #""k:{\"name\":\"a\"}":{}}},"manager":"kubectl","operation":"Update","time":"2026-11-23T08:50:07Z"}],"#
      + #""name":"\#(name)","resourceVersion":"\#(clock)","uid":"\#(uid)"},"spec":\#(spec)}"#
    objects[key] = CustomObject(
      key: key, uid: uid, resourceVersion: "\(clock)", generation: generation, created: before?.created ?? clock,
      json: json)
  }

  /// Deletes an object.
  mutating func delete(_ kind: String, _ name: String) {
    objects[CustomObject.Key(kind: kind, name: name)] = nil
  }

  /// The zone steer.test.
  mutating func applyZone(_ name: String = "steer-test", _ apex: String = "steer.test") {
    apply("SteeringZone", name, #"{"zone":"\#(apex)"}"#)
  }

  /// A route of a hostname, to the Service and listener of a number.
  mutating func applyRoute(_ name: String, _ hostname: String, _ number: Int) {
    apply(
      "EgressRoute", name,
      #"{"hostnames":["\#(hostname)"],"backendRefs":[{"namespace":"proxy","name":"route-\#(number)","port":3128}],"#
        + #""listenerPort":\#(13000 + number),"domainNames":["login.example.com","*.wild.example.com"]}"#)
  }

  /// A policy that lets the namespaces with a team's label use a route, or not.
  mutating func applyPolicy(
    _ name: String, team: String, _ route: String, _ action: String = "Allow", priority: Int = 100
  ) {
    apply(
      "EgressPolicy", name,
      #"{"priority":\#(priority),"subject":{"namespaces":{"matchLabels":{"team":"\#(team)"}}},"#
        + #""egress":[{"action":"\#(action)","routeRefs":[{"name":"\#(route)"}]}]}"#)
  }

  /// A zone, a route and a policy: team-a resolves one.steer.test to 10.96.0.1.
  static func withOneRoute() -> TestCluster {
    var cluster = TestCluster()
    cluster.applyZone()
    cluster.applyRoute("one", "one.steer.test", 1)
    cluster.applyPolicy("team-a", team: "a", "one")
    _ = cluster.load()
    return cluster
  }

  /// Loads what the cluster has now.
  mutating func load() -> SnapshotLoader.Result {
    let inputs = PolicyInputs(
      files: files, unreadable: unreadable, folder: folder, objects: objects.values.shuffled(), inventory: inventory)
    let result = SnapshotLoader.load(inputs, accepted: accepted, serial: 1)
    if result.snapshot != nil { accepted = result.accepted }
    return result
  }
}

extension SnapshotLoader.Result {
  /// What a namespace's pods are told of a name: addresses, or the response code.
  func answer(_ name: String, from namespace: String) throws -> String {
    let explanation = try snapshot?.explain(DomainName(name), .a, for: .namespace(namespace, serviceAccount: nil))
    guard let answer = explanation?.answer else { return "no snapshot" }
    return answer.addresses.isEmpty ? answer.rcode : answer.addresses.joined(separator: " ")
  }

  /// The status of an object.
  func status(_ kind: String, _ name: String) -> ObjectStatus? {
    statuses.first { $0.key == CustomObject.Key(kind: kind, name: name) }
  }

  /// The objects that are not accepted, each with the codes of its errors.
  var held: [String: [DiagnosticCode]] {
    let refused = statuses.filter { !$0.isAccepted }.map { status in
      ("\(status.key.kind)/\(status.key.name)", status.diagnostics.filter { $0.severity == .error }.map(\.code))
    }
    return Dictionary(uniqueKeysWithValues: refused)
  }
}
