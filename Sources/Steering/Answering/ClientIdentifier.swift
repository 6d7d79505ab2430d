import DNSWire

/// Who asks, as far as it is known.
struct ClientIdentity: Sendable {
  /// How the identity was found.
  enum Kind: Sendable {
    /// The address is a pod's; the entry of the pod index.
    case pod(entry: Int)
    /// The address lies in a block that a policy names.
    case block
    /// Nothing is known of the address.
    case unknown
  }

  /// The address that was looked up.
  var address: IPAddress
  /// How the identity was found.
  var kind: Kind
  /// The class of clients that the policies know it as.
  var clientClass: UInt32

  /// Whether nothing is known of the client.
  var isUnknown: Bool {
    if case .unknown = kind { true } else { false }
  }
}

/// Finds out who asks: by source address, the pods first, then the policies' address blocks.
enum ClientIdentifier {
  /// The identity of whoever has `address`.
  static func identify(_ address: IPAddress, in snapshot: Snapshot) -> ClientIdentity {
    if let entry = snapshot.pods.entry(of: address) {
      let clientClass = snapshot.identityClasses[snapshot.pods.identity(ofEntry: entry)]
      return ClientIdentity(address: address, kind: .pod(entry: entry), clientClass: clientClass)
    }
    if let clientClass = snapshot.policy.blocks.value(of: address) {
      return ClientIdentity(address: address, kind: .block, clientClass: clientClass)
    }
    return ClientIdentity(address: address, kind: .unknown, clientClass: CompiledPolicy.defaultClass)
  }
}
