public import DNSWire
public import SteeringPolicy

/// A client that a question is put for: a person writes an address, a namespace, a pod or a service account.
public enum Client: Hashable, Sendable {
  /// Whoever has the address.
  case address(IPAddress)
  /// A pod of a namespace, of a service account that matters or not.
  case namespace(String, serviceAccount: String?)
  /// The pod of this name.
  case pod(NamespacedName)

  /// Reads an address, `NAMESPACE`, `NAMESPACE/POD` or `system:serviceaccount:NAMESPACE:NAME`; nil for anything else.
  public init?(_ text: String) {
    if let address = IPAddress(text) {
      self = .address(address)
      return
    }
    let account = text.split(separator: ":", omittingEmptySubsequences: false)
    if account.count == 4, account[0] == "system", account[1] == "serviceaccount" {
      self = .namespace(String(account[2]), serviceAccount: String(account[3]))
      return
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    // A namespace is one label: with a dot it is an address misspelt, and would be explained as denied.
    guard (1...2).contains(parts.count), !parts.contains(""), !parts[0].contains("."), !text.contains(":") else {
      return nil
    }
    self =
      parts.count == 1
      ? .namespace(parts[0], serviceAccount: nil) : .pod(NamespacedName(namespace: parts[0], name: parts[1]))
  }
}

extension Snapshot {
  /// An address that a namespace without pods is given while a question about it is answered (RFC 5737).
  private static let standIn = IPAddress(v4: 0xC000_0201)

  /// A snapshot and an address in it from which to ask as `client`; nil if there is no such pod.
  ///
  /// For a namespace the snapshot knows one pod only, a stand-in, so that the question takes the way of every query.
  func asking(as client: Client) -> (snapshot: Snapshot, address: IPAddress)? {
    switch client {
    case .address(let address): return (self, address)
    case .pod(let name): return pods.address(of: name).map { (self, $0) }
    case .namespace(let namespace, let account):
      let pod = Inventory.Pod(
        name: NamespacedName(namespace: namespace, name: "any"), serviceAccount: account ?? "",
        addresses: [Self.standIn])
      return (replacing(pods: PodIndex([pod]), areSynchronized: true), Self.standIn)
    }
  }

  /// The response to a query of whoever has an address, by the way of every query over TCP.
  ///
  /// The client is given, not found: however its queries come, they would be answered so.
  func response(to name: DomainName, _ type: RecordType, from address: IPAddress) -> Response? {
    var responder = Responder(self, seed: 1)
    responder.assumedIdentity = ClientIdentifier.identify(address, in: self)
    return response(of: &responder, to: Query.message(name: name, type: type), from: address)
  }

  /// The response of a responder to a message over TCP.
  func response(
    of responder: inout Responder, to message: [UInt8], from address: IPAddress,
    relaying client: RelayedClient = .none
  ) -> Response? {
    var buffer = [UInt8](repeating: 0, count: Responder.tcpBufferSize)
    var span = buffer.mutableSpan
    let size = responder.respond(to: message.span, from: address, relaying: client, over: .tcp, into: &span)
    return Response(Array(buffer.prefix(size)))
  }
}
