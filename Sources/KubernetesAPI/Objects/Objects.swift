/// A Pod, as far as it is read.
public struct Pod: Hashable, Sendable {
  /// Its namespace.
  public var namespace: String
  /// Its name, unique in the namespace at a time.
  public var name: String
  /// Which pod of that name it is.
  public var uid: String
  /// When it was made, in seconds since 1970.
  public var created: Int64
  /// `spec.serviceAccountName`; empty if it is not set.
  public var serviceAccount: String
  /// Whether it shares its node's addresses.
  public var isOnHostNetwork: Bool
  /// Whether its phase is `Succeeded` or `Failed`: it gave its addresses back.
  public var isTerminated: Bool
  /// `status.podIPs`, or `status.podIP` where that is all there is.
  public var addresses: [String]
  /// `status.hostIPs`, or `status.hostIP`.
  public var nodeAddresses: [String]

  /// A pod of these fields.
  public init(
    namespace: String, name: String, uid: String, created: Int64 = 0, serviceAccount: String = "default",
    isOnHostNetwork: Bool = false, isTerminated: Bool = false, addresses: [String] = [], nodeAddresses: [String] = []
  ) {
    self.namespace = namespace
    self.name = name
    self.uid = uid
    self.created = created
    self.serviceAccount = serviceAccount
    self.isOnHostNetwork = isOnHostNetwork
    self.isTerminated = isTerminated
    self.addresses = addresses
    self.nodeAddresses = nodeAddresses
  }
}

/// A Service, as far as it is read.
public struct Service: Hashable, Sendable {
  /// A port and where it leads to.
  public struct Port: Hashable, Sendable {
    /// Where a port leads to in the pods.
    public enum Target: Hashable, Sendable {
      /// A number.
      case number(Int32)
      /// A name that each pod gives a number of its own.
      case name(String)
    }

    /// The Service's port.
    public var port: Int32
    /// `TCP`, `UDP` or `SCTP`; empty is `TCP`.
    public var transport: String
    /// `targetPort`; nil is the port itself.
    public var target: Target?

    /// A port of these fields.
    public init(port: Int32, transport: String = "TCP", target: Target? = nil) {
      self.port = port
      self.transport = transport
      self.target = target
    }
  }

  /// Its namespace.
  public var namespace: String
  /// Its name.
  public var name: String
  /// Which Service of that name it is.
  public var uid: String
  /// `spec.clusterIPs`, or `spec.clusterIP` where that is all there is; `None` for a headless one.
  public var clusterIPs: [String]
  /// `spec.type`, such as `ClusterIP` or `ExternalName`.
  public var type: String
  /// Its ports.
  public var ports: [Port]

  /// A Service of these fields.
  public init(
    namespace: String, name: String, uid: String, clusterIPs: [String], type: String = "ClusterIP", ports: [Port]
  ) {
    self.namespace = namespace
    self.name = name
    self.uid = uid
    self.clusterIPs = clusterIPs
    self.type = type
    self.ports = ports
  }
}

/// A Namespace, as far as it is read.
public struct Namespace: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Which namespace of that name it is.
  public var uid: String
  /// Its labels.
  public var labels: [String: String]

  /// A namespace of these fields.
  public init(name: String, uid: String, labels: [String: String]) {
    self.name = name
    self.uid = uid
    self.labels = labels
  }
}

/// An EndpointSlice, as far as it is read.
public struct EndpointSlice: Hashable, Sendable {
  /// An endpoint.
  public struct Endpoint: Hashable, Sendable {
    /// Its addresses.
    public var addresses: [String]
    /// `conditions.ready`; what is not said is ready.
    public var isReady: Bool
    /// `conditions.terminating`.
    public var isTerminating: Bool

    /// An endpoint of these fields.
    public init(addresses: [String], isReady: Bool = true, isTerminating: Bool = false) {
      self.addresses = addresses
      self.isReady = isReady
      self.isTerminating = isTerminating
    }
  }

  /// Its namespace.
  public var namespace: String
  /// Its name.
  public var name: String
  /// Which slice of that name it is.
  public var uid: String
  /// The Service that it is of: the label `kubernetes.io/service-name`.
  public var service: String?
  /// `IPv4`, `IPv6` or `FQDN`.
  public var addressType: String
  /// Its endpoints.
  public var endpoints: [Endpoint]

  /// A slice of these fields.
  public init(
    namespace: String, name: String, uid: String, service: String?, addressType: String, endpoints: [Endpoint]
  ) {
    self.namespace = namespace
    self.name = name
    self.uid = uid
    self.service = service
    self.addressType = addressType
    self.endpoints = endpoints
  }
}

/// An object of a custom resource, whole.
public struct CustomObject: Hashable, Codable, Sendable {
  /// Which object: kind and name; custom resources that are read are cluster-scoped.
  public struct Key: Hashable, Codable, Sendable, Comparable {
    /// The kind, such as `EgressRoute`.
    public var kind: String
    /// The name.
    public var name: String

    /// A key of kind and name.
    public init(kind: String, name: String) {
      self.kind = kind
      self.name = name
    }

    /// By kind, then name.
    public static func < (left: Key, right: Key) -> Bool { (left.kind, left.name) < (right.kind, right.name) }
  }

  /// Kind and name.
  public var key: Key
  /// Which object of that name it is.
  public var uid: String
  /// The version that it is of.
  public var resourceVersion: String
  /// `metadata.generation`: counts changes of the spec.
  public var generation: Int64
  /// When it was made, in seconds since 1970.
  public var created: Int64
  /// The whole object, as JSON.
  public var json: String

  /// An object of these fields.
  public init(key: Key, uid: String, resourceVersion: String, generation: Int64, created: Int64, json: String) {
    self.key = key
    self.uid = uid
    self.resourceVersion = resourceVersion
    self.generation = generation
    self.created = created
    self.json = json
  }
}
