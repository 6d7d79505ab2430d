import DNSWire
import SteeringPolicy

/// Sorts clients into classes that every policy treats alike, and gives each class its view.
///
/// What only all classes together can tell is found here too: ties, shadowed rules, subjects that select nothing.
struct ClassBuilder {
  private let policy: PolicySet
  private(set) var diagnostics: [Diagnostic] = []
  /// The namespaces that a policy selects, with the names of those policies: what of the namespaces is an input.
  private(set) var selections: [(namespace: String, policies: [String])] = []

  /// A class to be: whom it stands for, and its policies in order.
  private struct Class {
    var description: String
    var policies: [Int]
  }

  private var classes: [Class] = [Class(description: "clients no policy selects", policies: [])]
  private var namespaceClasses: [String: UInt32] = [:]
  private var serviceAccountClasses: [NamespacedName: UInt32] = [:]
  private var blockValues: [(block: IPBlock, value: UInt32)] = []

  init(_ policy: PolicySet) {
    self.policy = policy
    addPodClasses()
    addBlockClasses()
  }

  /// A class for each namespace that a policy selects, and for each service account that a policy names.
  private mutating func addPodClasses() {
    let index = SelectorIndex(policy.policies)
    var accounts: [NamespacedName: [Int]] = [:]
    for (number, policy) in policy.policies.enumerated() {
      guard case .serviceAccounts(let names) = policy.subject else { continue }
      for name in Set(names) { accounts[name, default: []].append(number) }
    }
    for namespace in policy.inventory.namespaces {
      let selected = index.policies(selecting: namespace.labels)
      guard !selected.isEmpty else { continue }
      namespaceClasses[namespace.name] = add("namespace \(namespace.name)", selected)
      selections.append((namespace.name, selected.map { policy.policies[$0].name }))
    }
    for (account, selecting) in accounts.sorted(by: { "\($0.key)" < "\($1.key)" }) {
      let inherited = namespaceClasses[account.namespace].map { classes[Int($0)].policies } ?? []
      serviceAccountClasses[account] = add("service account \(account)", (inherited + selecting).sorted())
    }
  }

  /// A class for each distinct block; a block inside another is selected by the policies of both.
  private mutating func addBlockClasses() {
    var selecting: [IPBlock: [Int]] = [:]
    for (number, policy) in policy.policies.enumerated() {
      guard case .ipBlocks(let blocks) = policy.subject else { continue }
      for block in Set(blocks.map(\.value)) { selecting[block, default: []].append(number) }
    }
    var enclosing: [(block: IPBlock, policies: [Int])] = []
    let byAddress = selecting.sorted {
      ($0.key.first, $0.key.prefixLength) < ($1.key.first, $1.key.prefixLength)
    }
    for family in [true, false] {
      enclosing.removeAll()
      for (block, numbers) in byAddress where block.first.isIPv4 == family {
        while let outer = enclosing.last, !outer.block.contains(block.first) { enclosing.removeLast() }
        let policies = ((enclosing.last?.policies ?? []) + numbers).sorted()
        enclosing.append((block, policies))
        blockValues.append((block, add("address block \(block)", policies)))
      }
    }
    warnOfPodsInBlocks()
    warnOfTrustedPods()
  }

  /// A forwarder's address is one program's; a block with pods of several accounts lets each of these be anyone.
  private mutating func warnOfTrustedPods() {
    for zone in policy.zones {
      let blocks = Set(
        zone.identity.trustedForwarders.compactMap { if case .block(let block) = $0.sender { block } else { nil } })
      guard !blocks.isEmpty else { continue }
      let numbered = blocks.sorted { ($0.first, $0.prefixLength) < ($1.first, $1.prefixLength) }
      let table = BlockTable(numbered.enumerated().map { ($1, UInt32($0)) })
      var accounts: [Int: Set<NamespacedName>] = [:]
      for pod in policy.inventory.pods {
        for number in pod.addresses.compactMap(table.value) where accounts[Int(number), default: []].count < 2 {
          let account = NamespacedName(namespace: pod.name.namespace, name: pod.serviceAccount)
          accounts[Int(number), default: []].insert(account)
        }
      }
      for (number, found) in accounts where found.count > 1 {
        diagnostics.append(
          Diagnostic(
            .podsTrusted, at: zone.location,
            "the trusted forwarders' block \(numbered[number]) holds pods of several service accounts, "
              + "\(found.map(\.description).sorted().joined(separator: " and ")) among them; each can speak for every client: "
              + "trust single addresses, or the service account of the forwarder"))
      }
    }
  }

  private mutating func add(_ description: String, _ policies: [Int]) -> UInt32 {
    classes.append(Class(description: description, policies: policies))
    return UInt32(classes.count - 1)
  }

  /// A pod is decided by its namespace and service account; a block that holds pods does not select them.
  private mutating func warnOfPodsInBlocks() {
    guard !blockValues.isEmpty else { return }
    var locations: [IPBlock: SourceLocation] = [:]
    for policy in policy.policies {
      guard case .ipBlocks(let blocks) = policy.subject else { continue }
      for block in blocks where locations[block.value] == nil { locations[block.value] = block.location }
    }
    let numbered = blockValues.enumerated().map { (block: $1.block, value: UInt32($0)) }
    let table = BlockTable(numbered)
    var pods: [Int: (count: Int, example: NamespacedName)] = [:]
    for pod in policy.inventory.pods {
      for address in pod.addresses {
        guard let number = table.value(of: address) else { continue }
        pods[Int(number), default: (0, pod.name)].count += 1
      }
    }
    for (number, found) in pods {
      let block = blockValues[number].block
      guard let location = locations[block] else { continue }
      diagnostics.append(
        Diagnostic(
          .podsInIPBlock, at: location,
          "\(found.count) pod addresses, of \(found.example) for one, lie in \(block); pods are decided by "
            + "namespace and service account, never by address: select them so, or leave their addresses out"))
    }
  }

  /// Adds the classes, their views and the tables that find a client's class.
  mutating func addViews(to compiled: inout CompiledPolicy, ties: SnapshotCompiler.Ties) {
    var outcomes = OutcomeBuilder(policy, compiled.rules, ties: ties)
    compiled.rules.classes = []
    for (number, each) in classes.enumerated() {
      let first = UInt32(compiled.rules.classPolicies.count)
      compiled.rules.classPolicies += each.policies.map(UInt32.init)
      compiled.rules.classes.append(first..<UInt32(compiled.rules.classPolicies.count))
      let view = outcomes.view(of: each.policies, class: UInt32(number), describedAs: each.description)
      compiled.classViews.append(compiled.views.insert(view))
    }
    compiled.views.freeze()
    compiled.namespaceClasses = namespaceClasses
    compiled.serviceAccountClasses = serviceAccountClasses
    compiled.blockClasses = blockValues.map { ($0.block, $0.value) }
    compiled.blocks = BlockTable(blockValues)
    compiled.rules.ties = outcomes.deniedTies
    diagnostics += outcomes.finish()
  }
}

/// Finds the policies that select a namespace without trying them all: most name a label's value.
private struct SelectorIndex {
  private var byLabel: [String: [String: [Int]]] = [:]
  private var rest: [Int] = []
  private let selectors: [Int: LabelSelector]

  init(_ policies: [EgressPolicy]) {
    var selectors: [Int: LabelSelector] = [:]
    for (number, policy) in policies.enumerated() {
      guard case .namespaces(let selector) = policy.subject else { continue }
      selectors[number] = selector
      var smallest: (key: String, values: Set<String>)?
      for case .among(let key, let values) in selector.requirements {
        // A namespace's own name tells most: it takes the lead over labels that many may have.
        let isName = key == "kubernetes.io/metadata.name"
        if isName || values.count < smallest?.values.count ?? .max { smallest = (key, values) }
        if isName { break }
      }
      guard let smallest else {
        rest.append(number)
        continue
      }
      for value in smallest.values { byLabel[smallest.key, default: [:]][value, default: []].append(number) }
    }
    self.selectors = selectors
  }

  /// The policies whose selector matches `labels`, in order.
  func policies(selecting labels: [String: String]) -> [Int] {
    let candidates = labels.flatMap { byLabel[$0.key]?[$0.value] ?? [] } + rest
    return candidates.filter { selectors[$0]?.matches(labels) ?? false }.sorted()
  }
}
