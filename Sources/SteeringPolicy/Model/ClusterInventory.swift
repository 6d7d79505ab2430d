public import DNSWire

/// What a live cluster has besides its pods: the Services and namespaces that a policy refers to.
public struct ClusterInventory: Hashable, Codable, Sendable {
  /// A Service, as far as a policy can refer to it.
  public struct Service: Hashable, Codable, Sendable {
    /// Where a port leads to in the pods.
    public enum Target: Hashable, Codable, Sendable {
      /// A port.
      case number(UInt16)
      /// A port that each pod gives a number of its own.
      case name(String)
    }

    /// The cluster IPs; none for a headless Service.
    public var addresses: [IPAddress]
    /// Whether clients reach its pods without an address of the Service's own.
    public var isHeadless: Bool
    /// Whether it is no more than another name for a host.
    public var isExternalName: Bool
    /// The TCP ports and their targets.
    public var targets: [UInt16: Target]

    /// A Service of these fields.
    public init(
      addresses: [IPAddress], isHeadless: Bool = false, isExternalName: Bool = false, targets: [UInt16: Target]
    ) {
      self.addresses = addresses
      self.isHeadless = isHeadless
      self.isExternalName = isExternalName
      self.targets = targets
    }
  }

  /// The labels of each namespace.
  public var namespaces: [String: [String: String]]
  /// The Services.
  public var services: [NamespacedName: Service]
  /// The addresses of the ready endpoints of Services, in any order; of use for headless ones.
  public var endpoints: [NamespacedName: [IPAddress]]

  /// An inventory of these parts.
  public init(
    namespaces: [String: [String: String]] = [:], services: [NamespacedName: Service] = [:],
    endpoints: [NamespacedName: [IPAddress]] = [:]
  ) {
    self.namespaces = namespaces
    self.services = services
    self.endpoints = endpoints
  }
}
