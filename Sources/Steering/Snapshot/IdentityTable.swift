/// What a policy makes of each identity of a pod index: its class of clients, and how far its pods may speak for others.
///
/// Pods change all the time, their identities seldom: for another index only what is new in it is looked up.
struct IdentityTable: Sendable {
  /// By identity.
  private(set) var classes: [UInt32] = []
  /// By identity: as whom its pods are noted that asked.
  private(set) var askers: [AskerKey] = []
  /// By identity, and in it by identity rule; empty if nobody may speak for others.
  private var trust: [ForwarderTrust] = []
  private let ruleCount: Int
  /// Of whom it is.
  private let identities: PodIdentities

  /// What `policy` makes of `identities`, where `known` is what it made of others.
  init(_ policy: CompiledPolicy, _ identities: PodIdentities, extending known: IdentityTable? = nil) {
    self.identities = identities
    ruleCount = policy.identityRules.count
    var added = identities.all[...]
    if let known, identities.extends(known.identities) {
      classes = known.classes
      askers = known.askers
      trust = known.trust
      added = added[known.classes.count...]
    }
    if added.isEmpty { return }
    let count = classes.count
    classes += added.map { policy.classOf(namespace: $0.namespace, serviceAccount: $0.serviceAccount) }
    askers += added.map { AskerKey($0) }
    let addedTrust = added.flatMap { identity in policy.identityRules.map { $0.trust(in: identity) } }
    guard !trust.isEmpty || addedTrust.contains(where: \.isForwarder) else { return }
    if trust.isEmpty { trust = Array(repeating: .none, count: count * ruleCount) }
    trust += addedTrust
  }

  /// How far the pods of an identity may speak for clients, by a rule.
  func trust(in identity: Int, by rule: Int) -> ForwarderTrust { trust[identity * ruleCount + rule] }

  /// Whether the pods of any identity may speak for clients.
  var hasForwarders: Bool { !trust.isEmpty }
}
