import DNSWire

/// Decoded objects → policy: checks them against each other and resolves what they refer to.
struct Validator {
  /// The objects.
  let objects: DecodedObjects
  /// What a live cluster has; nil if only the files tell.
  let cluster: ClusterInventory?
  /// Where findings go.
  let findings: Findings
  /// Whether the Services that are referred to are yet to be made.
  let makesServices: Bool
  /// The Services of the files by name.
  let services: [NamespacedName: DecodedService]
  /// The ready endpoints of each Service of the files, in order.
  let endpoints: [NamespacedName: [IPAddress]]
  /// The routes by name; a policy's indexes are into this.
  let routes: [DecodedRoute]
  /// Each route's index.
  let routeIndexes: [String: Int]
  /// The hostnames that no zone holds.
  var outside: Set<DomainName> = []
  /// How many more references may get a suggestion, which costs a look at every name.
  private var suggestionsLeft = Limits.suggestions

  /// A validator of objects.
  init(
    _ objects: DecodedObjects, cluster: ClusterInventory?, services source: PolicyLoader.Services, findings: Findings
  ) {
    self.objects = objects
    self.cluster = cluster
    makesServices = source == .yetToBeMade
    self.findings = findings
    services = Dictionary(objects.services.map { ($0.metadata.namespacedName, $0) }) { first, _ in first }
    let ready = objects.endpointSlices.compactMap { slice in slice.service.map { ($0, Set(slice.ready)) } }
    endpoints = Dictionary(ready) { $0.union($1) }.mapValues { $0.sorted() }
    routes = objects.routes.sorted { $0.metadata.name < $1.metadata.name }
    routeIndexes = Dictionary(routes.enumerated().map { ($1.metadata.name, $0) }) { first, _ in first }
  }

  /// The policy of the objects; it is of use only if no error was found.
  mutating func validate() -> PolicySet {
    checkNames()
    checkInventoryTwice()
    checkZones()
    checkHostnames()
    checkListeners()
    checkParents()
    checkSubjects()
    let zones = objects.zones.compactMap(\.zone).sorted { $0.name < $1.name }
    let resolvedRoutes = routes.map { resolve($0) }
    let policies = objects.policies.map { resolve($0) }
      .sorted { ($0.priority, $0.name) < ($1.priority, $1.name) }
    let namespaces = resolveNamespaces()
    checkTransfers(namespaces: namespaces)
    let tests = objects.tests.map { resolve($0, namespaces: namespaces) }.sorted { $0.name < $1.name }
    let inventory = Inventory(
      namespaces: namespaces.map { Inventory.Namespace(name: $0.key, labels: $0.value) }
        .sorted { $0.name < $1.name },
      pods: resolvePods(), nodes: Set(objects.pods.flatMap(\.nodeAddresses)).sorted())
    return PolicySet(
      zones: zones, routes: resolvedRoutes, policies: policies, tests: tests, inventory: inventory,
      services: namedServices)
  }

  /// The index of the route that a reference names; that there is none is reported.
  mutating func index(of route: Located<String>) -> Int? {
    if let index = routeIndexes[route.value] { return index }
    if !objects.unread.mayHold(route.value) {
      let suggestion = suggestion(for: route.value) { $0.routes.lazy.map(\.metadata.name) }
      findings.report(
        .unknownRoute, at: route.location,
        "there is no EgressRoute '\(route.value.prefix(80))'\(suggestion); name one that exists, or add it")
    }
    return nil
  }

  /// The nearest of some names, in the words of a message, as long as there is budget for it.
  mutating func suggestion(
    for name: String, among names: (Validator) -> some Sequence<String>
  ) -> String {
    guard suggestionsLeft > 0 else { return "" }
    suggestionsLeft -= 1
    return NearestName.suggestion(for: name, among: names(self))
  }

  /// Reports objects of one kind with one name.
  private func checkNames() {
    check(.steeringZone, objects.zones.lazy.map(\.metadata))
    check(.egressRoute, objects.routes.lazy.map(\.metadata))
    check(.egressPolicy, objects.policies.lazy.map(\.metadata))
    check(.egressTest, objects.tests.lazy.map(\.metadata))
    check(.service, objects.services.lazy.map(\.metadata))
    check(.endpointSlice, objects.endpointSlices.lazy.map(\.metadata))
    check(.namespace, objects.namespaces)
    check(.pod, objects.pods.lazy.map(\.metadata))
  }

  private func check(_ kind: Kind, _ all: some Sequence<Metadata>) {
    var places: [NamespacedName: SourceLocation] = [:]
    for metadata in all {
      let first = places[metadata.namespacedName]
      guard let first else {
        places[metadata.namespacedName] = metadata.location
        continue
      }
      let name = metadata.namespace.map { "\($0)/\(metadata.name)" } ?? metadata.name
      findings.report(
        .duplicateName, at: metadata.location, related: [first],
        "\(kind.rawValue) '\(name)' is already defined at \(first); remove or rename one of them")
    }
  }
}
