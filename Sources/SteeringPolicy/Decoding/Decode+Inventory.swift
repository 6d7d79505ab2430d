import DNSWire

extension DecodedService {
  /// Reads what is used of a `Service`; faults are reported.
  init?(_ document: Document) {
    let findings = document.fields.value.source.findings
    let errors = findings.errorCount
    guard let metadata = Metadata(of: document) else { return nil }
    let spec = document.fields.required("spec")?.fields()
    let single = spec?.optional("clusterIP")
    let written = spec?.optional("clusterIPs")?.items() ?? single.map { [$0] } ?? []
    let isHeadless =
      [single].compactMap(\.self).contains { $0.scalarText == "None" }
      || written.contains { $0.scalarText == "None" }
    let addresses =
      isHeadless ? [] : written.filter { $0.scalarText?.isEmpty != true }.compactMap { $0.address() }
    let isExternalName = spec?.optional("type")?.string() == "ExternalName"
    var targets: [UInt16: ClusterInventory.Service.Target] = [:]
    for item in spec?.optional("ports")?.items() ?? [] {
      guard let fields = item.fields(), let port = fields.required("port")?.port() else { continue }
      guard fields.optional("protocol").map({ $0.string() == "TCP" }) ?? true else { continue }
      guard let target = fields.optional("targetPort") else {
        targets[port] = .number(port)
        continue
      }
      if ScalarType(target.node) == .string {
        targets[port] = target.string().map { .name($0) }
      } else {
        targets[port] = target.port().map { .number($0) }
      }
    }
    self.metadata = metadata
    service = ClusterInventory.Service(
      addresses: addresses, isHeadless: isHeadless, isExternalName: isExternalName, targets: targets)
    isComplete = findings.errorCount == errors
  }
}

extension DecodedEndpointSlice {
  /// The label that names the Service of a slice.
  private static let serviceLabel = "kubernetes.io/service-name"

  /// Reads what is used of an `EndpointSlice`; faults are reported.
  init?(_ document: Document) {
    guard let metadata = Metadata(of: document) else { return nil }
    self.metadata = metadata
    service = metadata.labels[Self.serviceLabel].map {
      NamespacedName(namespace: metadata.namespacedName.namespace, name: $0)
    }
    ready = []
    guard let type = document.fields.required("addressType")?.string() else { return nil }
    // The third type, FQDN, has no addresses to answer.
    guard type == "IPv4" || type == "IPv6" else { return }
    for endpoint in document.fields.optional("endpoints")?.items() ?? [] {
      guard let fields = endpoint.fields() else { continue }
      let conditions = fields.optional("conditions")?.fields()
      let isReady = conditions?.optional("ready").map { $0.boolean() ?? true } ?? true
      let isTerminating = conditions?.optional("terminating").map { $0.boolean() ?? false } ?? false
      let addresses = (fields.required("addresses")?.items() ?? []).compactMap { $0.address() }
      if isReady, !isTerminating { ready += addresses }
    }
  }
}

extension DecodedPod {
  /// Reads what is used of a `Pod`; faults are reported.
  init?(_ document: Document) {
    guard let metadata = Metadata(of: document) else { return nil }
    self.metadata = metadata
    let spec = document.fields.optional("spec")?.fields()
    serviceAccount = spec?.optional("serviceAccountName")?.string() ?? "default"
    let isOnHostNetwork = spec?.optional("hostNetwork")?.boolean() ?? false
    let status = document.fields.optional("status")?.fields()
    let phase = status?.optional("phase")?.string()
    addresses = []
    let single = status?.optional("podIP").map { [$0] }
    let several = status?.optional("podIPs")?.items()?.compactMap { $0.fields()?.required("ip") }
    for value in several ?? single ?? [] {
      guard let address = value.address() else { continue }
      if !addresses.contains(where: { $0.isIPv4 == address.isIPv4 }) { addresses.append(address) }
    }
    let node = status?.optional("hostIPs")?.items()?.compactMap { $0.fields()?.required("ip") }
    nodeAddresses = (node ?? (status?.optional("hostIP")).map { [$0] } ?? []).compactMap { $0.address() }
    if isOnHostNetwork { nodeAddresses += addresses }
    if isOnHostNetwork || phase == "Succeeded" || phase == "Failed" { addresses = [] }
  }
}
