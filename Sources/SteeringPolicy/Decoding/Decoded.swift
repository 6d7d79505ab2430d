import DNSWire

/// The objects of all documents, each valid by itself as far as it could be read, references still by name.
///
/// Where a field could not be read a placeholder stands; its fault is reported, so no policy comes of it.
struct DecodedObjects: Sendable {
  var zones: [DecodedZone] = []
  var routes: [DecodedRoute] = []
  var policies: [DecodedPolicy] = []
  var tests: [DecodedTest] = []
  var services: [DecodedService] = []
  var endpointSlices: [DecodedEndpointSlice] = []
  var namespaces: [Metadata] = []
  var pods: [DecodedPod] = []
  /// What could not be read.
  var unread = Unread()
}

/// A `SteeringZone`.
struct DecodedZone {
  /// The zone; nil if its apex could not be read.
  var zone: SteeringZone?
  var metadata: Metadata
  /// The apex and the aliases.
  var apexes: [Located<DomainName>]
  /// The blocks that reverse zones are asked for.
  var reverseBlocks: [Located<IPBlock>]
}

/// A reference to a Service's port.
struct BackendReference {
  var service: Located<NamespacedName>
  /// Nil if it could not be read.
  var port: Located<UInt16>?
  var weight: UInt32
}

/// An `EgressRoute`.
struct DecodedRoute {
  var metadata: Metadata
  var owner: String?
  var hostnames: [Located<DomainName>]
  var backends: [BackendReference]
  /// Nil if it could not be read.
  var listenerPort: Located<UInt16>?
  var destinations: [DomainPattern]
  var ports: [UInt16]
  var methods: [String]
  var parentProxies: [EgressRoute.ParentProxy]
  /// Whether none is written.
  var hasNoParent: Bool
  var parentSelection: EgressRoute.ParentSelection
  var healthCheck: EgressRoute.HealthCheck
  var onRevocation: EgressRoute.Revocation
  var ttl: UInt32?
}

/// A rule of an `EgressPolicy`.
struct DecodedRule {
  var name: String
  var location: SourceLocation
  var action: EgressRule.Action
  var routes: [Located<String>]
  var backends: [BackendReference]?
}

/// An `EgressPolicy`.
struct DecodedPolicy {
  var metadata: Metadata
  var priority: Int32
  var priorityLocation: SourceLocation
  var mode: EgressPolicy.Mode
  var subject: EgressPolicy.Subject
  var subjectLocation: SourceLocation
  /// The namespaces that the subject names.
  var namespaces: [Located<String>]
  var rules: [DecodedRule]
}

/// An `EgressTest`.
struct DecodedTest {
  /// A connection by a route that is still a name.
  struct Connect {
    var route: Located<String>
    var method: String
    var host: String
    var port: UInt16
    var expect: EgressRule.Action
  }

  var metadata: Metadata
  var client: EgressTest.Client
  /// The namespace that the client is in, if it is a pod.
  var namespace: Located<String>?
  var query: EgressTest.Query?
  var expectation: EgressTest.Expectation
  var connect: Connect?
}

/// A `Service`.
struct DecodedService {
  var metadata: Metadata
  var service: ClusterInventory.Service
  /// Whether everything of it could be read, so that what it lacks is really missing.
  var isComplete: Bool
}

/// An `EndpointSlice`.
struct DecodedEndpointSlice {
  var metadata: Metadata
  /// The Service that it is of, if any.
  var service: NamespacedName?
  /// The addresses of the ready endpoints.
  var ready: [IPAddress]
}

/// A `Pod`.
struct DecodedPod {
  var metadata: Metadata
  var serviceAccount: String
  /// The pod's own addresses: none if it is on the host network, terminated or not started.
  var addresses: [IPAddress]
  /// The addresses of its node, as far as the pod tells them.
  var nodeAddresses: [IPAddress]
}
