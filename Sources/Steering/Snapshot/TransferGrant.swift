import DNSWire
import SteeringPolicy

/// Who may have a zone as a whole, compiled.
struct TransferGrant: Sendable {
  /// The key that must sign the request; nil if the address is enough.
  var key: DomainName?
  /// The blocks of which one must have the address; empty if the key is enough.
  var blocks: [IPBlock]
  /// The class of clients as which the zone is seen.
  var clientClass: UInt32
  /// Whom to tell when the zone changed.
  var notify: [Endpoint]

  /// The rule of a policy, whose classes of clients are known.
  init(_ rule: TransferRule, in compiled: CompiledPolicy) {
    key = rule.key?.value
    blocks = rule.blocks
    clientClass =
      rule.view.map { compiled.classOf(namespace: $0.value.namespace, serviceAccount: $0.value.serviceAccount) }
      ?? CompiledPolicy.defaultClass
    notify = rule.notify
  }

  /// Whether a request is covered that an accepted key signed, or none, and that came from an address.
  ///
  /// An address that a PROXY header stands for does not count, nor does that of the proxy.
  func covers(_ key: DomainName?, _ sender: Sender) -> Bool {
    guard self.key == key else { return false }
    if blocks.isEmpty { return key != nil }
    guard case .none = sender.relayed else { return false }
    return blocks.contains { $0.contains(sender.address) }
  }
}
