public import DNSWire

/// What the cluster has: namespaces and pods; Services are already resolved into the backends.
public struct Inventory: Sendable {
  /// A namespace and its labels.
  public struct Namespace: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its labels; `kubernetes.io/metadata.name` is always there, as Kubernetes sees to.
    public var labels: [String: String]
  }

  /// A pod that has addresses of its own: not on the host network, not terminated.
  public struct Pod: Hashable, Sendable {
    /// Its namespace and name.
    public var name: NamespacedName
    /// Its service account.
    public var serviceAccount: String
    /// Its addresses, one of each family at most.
    public var addresses: [IPAddress]

    /// A pod by its name, service account and addresses.
    public init(name: NamespacedName, serviceAccount: String, addresses: [IPAddress]) {
      self.name = name
      self.serviceAccount = serviceAccount
      self.addresses = addresses
    }
  }

  /// Every namespace that a Namespace, a Pod or a policy names, by name and sorted.
  public var namespaces: [Namespace]
  /// The pods, by namespace and name.
  public var pods: [Pod]
  /// The addresses of nodes, which pods on the host network share; no namespace's own.
  public var nodes: [IPAddress]
}

/// Everything the documents said, valid: the input of the compiler.
public struct PolicySet: Sendable {
  /// The zones, by name.
  public var zones: [SteeringZone]
  /// The routes, by name.
  public var routes: [EgressRoute]
  /// The policies by priority, then name.
  public var policies: [EgressPolicy]
  /// The tests, by name.
  public var tests: [EgressTest]
  /// What the cluster has.
  public var inventory: Inventory
  /// Every Service that a route or a rule names, whether there is one or not.
  public var services: Set<NamespacedName>
}
