import DNSWire

extension Validator {
  /// Every namespace that a Namespace, a Pod or a policy names, with its labels.
  ///
  /// One that only a policy names is reported there.
  mutating func resolveNamespaces() -> [String: [String: String]] {
    var namespaces: [String: [String: String]] = [:]
    for metadata in objects.namespaces { namespaces[metadata.name] = metadata.labels }
    if let cluster { namespaces.merge(cluster.namespaces) { _, live in live } }
    for pod in objects.pods {
      let name = pod.metadata.namespacedName.namespace
      namespaces[name] = namespaces[name] ?? [:]
    }
    let known = namespaces
    for namespace in objects.policies.flatMap(\.namespaces) where known[namespace.value] == nil {
      namespaces[namespace.value] = [:]
      if objects.unread.mayHold(namespace.value) { continue }
      let suggestion = suggestion(for: namespace.value) { _ in known.keys }
      findings.report(
        .unknownNamespace, at: namespace.location,
        "no Namespace or Pod is of the namespace '\(namespace.value)'\(suggestion); \(namespaceRemedy)")
    }
    for name in namespaces.keys { namespaces[name]?[LabelSelector.namespaceNameLabel] = name }
    return namespaces
  }

  /// What to do about a namespace that is not there.
  var namespaceRemedy: String {
    cluster == nil
      ? "correct the name, or add the Namespace to the inventory"
      : "create the namespace in the cluster, or correct the name"
  }

  /// Reports what the files say of the live cluster, whose word counts.
  func checkInventoryTwice() {
    guard let cluster else { return }
    let namespaces = objects.namespaces.filter { cluster.namespaces[$0.name] != nil }
      .map { (Kind.namespace, $0.name, $0.location) }
    let services = objects.services.filter { cluster.services[$0.metadata.namespacedName] != nil }
      .map { (Kind.service, $0.metadata.namespacedName.description, $0.metadata.location) }
    let slices = objects.endpointSlices.filter { $0.service.map { cluster.services[$0] != nil } ?? false }
      .map { (Kind.endpointSlice, $0.metadata.namespacedName.description, $0.metadata.location) }
    for (kind, name, location) in namespaces + services + slices {
      findings.report(
        .inventoryTwice, at: location,
        "\(kind.rawValue) '\(name)' is taken from the cluster, and what is written here has no effect; remove it")
    }
  }

  /// Every Service that a route or a rule names.
  var namedServices: Set<NamespacedName> {
    let rules = objects.policies.lazy.flatMap(\.rules).flatMap { $0.backends ?? [] }
    return Set(objects.routes.flatMap(\.backends).map(\.service.value) + rules.map(\.service.value))
  }

  /// The pods with addresses of their own; of two with one address, the newer has it.
  func resolvePods() -> [Inventory.Pod] {
    let lost = addressesLost()
    return objects.pods.enumerated().compactMap { index, pod in
      let addresses = pod.addresses.filter { lost[$0]?.contains(index) != true }
      guard !addresses.isEmpty else { return nil }
      return Inventory.Pod(
        name: pod.metadata.namespacedName, serviceAccount: pod.serviceAccount, addresses: addresses)
    }
    .sorted { ($0.name.namespace, $0.name.name) < ($1.name.namespace, $1.name.name) }
  }

  /// The pods, by index, that a newer one took an address from; where none is the newest, that is reported.
  private func addressesLost() -> [IPAddress: Set<Int>] {
    var holders: [IPAddress: [Int]] = [:]
    for (index, pod) in objects.pods.enumerated() {
      for address in pod.addresses { holders[address, default: []].append(index) }
    }
    var lost: [IPAddress: Set<Int>] = [:]
    for (address, indexes) in holders where indexes.count > 1 {
      let byAge = indexes.sorted { created($0) < created($1) }
      guard let newest = byAge.last, let second = byAge.dropLast().last else { continue }
      let (first, later) = (min(newest, second), max(newest, second))
      if indexes.contains(where: { created($0).isEmpty }) || created(newest) == created(second) {
        let (pod, other) = (objects.pods[later].metadata, objects.pods[first].metadata)
        findings.report(
          .duplicatePodAddress, at: pod.location,
          "pod '\(pod.namespacedName)' has the address \(address) of pod '\(other.namespacedName)' at "
            + "\(other.location), and neither is newer; remove the one that is gone")
      }
      lost[address] = Set(byAge.dropLast())
    }
    return lost
  }

  /// When a pod was made, or an empty text.
  private func created(_ index: Int) -> String { objects.pods[index].metadata.creationTimestamp ?? "" }
}
