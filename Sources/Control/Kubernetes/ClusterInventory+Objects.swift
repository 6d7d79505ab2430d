public import DNSWire
public import KubernetesAPI
public import SteeringPolicy

extension ClusterInventory.Service {
  /// What of a Service a policy can refer to; what cannot be read of it is not there.
  public init(_ service: Service) {
    let isHeadless = service.clusterIPs.contains("None")
    self.init(
      addresses: isHeadless ? [] : service.clusterIPs.compactMap { IPAddress($0) }, isHeadless: isHeadless,
      isExternalName: service.type == "ExternalName", targets: [:])
    for port in service.ports where port.transport.isEmpty || port.transport == "TCP" {
      guard let number = UInt16(exactly: port.port), number > 0 else { continue }
      switch port.target {
      case nil: targets[number] = .number(number)
      case .name(let name)?: targets[number] = .name(name)
      case .number(let target)?:
        // 0 is how a target that is not set may be told.
        targets[number] = .number(target == 0 ? number : UInt16(exactly: target) ?? number)
      }
    }
  }
}

extension EndpointSlice {
  /// The Service that the slice is of, and the addresses of its ready endpoints; nil if it is of none or has no address.
  public var readyAddresses: (service: NamespacedName, addresses: [IPAddress])? {
    // The third type, FQDN, has no addresses to answer.
    guard let service, addressType == "IPv4" || addressType == "IPv6" else { return nil }
    let ready = endpoints.filter { $0.isReady && !$0.isTerminating }
    return (
      NamespacedName(namespace: namespace, name: service),
      ready.flatMap(\.addresses).compactMap { IPAddress($0) }
    )
  }
}
