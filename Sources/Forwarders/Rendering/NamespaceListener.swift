public import DNSWire

/// A listener of Steer that answers for one namespace, and the addresses of that namespace's pods.
public struct NamespaceListener: Hashable, Sendable {
  /// The namespace.
  public var namespace: String
  /// Where Steer answers for it.
  public var endpoint: Endpoint
  /// The addresses of its pods now.
  public var clients: [IPAddress]

  /// A listener for a namespace with these pods.
  public init(namespace: String, endpoint: Endpoint, clients: [IPAddress] = []) {
    self.namespace = namespace
    self.endpoint = endpoint
    self.clients = clients
  }

  /// Whether the namespace has the form of one, a DNS label (RFC 1123), and so cannot end a quoted word.
  var hasValidNamespace: Bool {
    (1...63).contains(namespace.utf8.count)
      && namespace.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
  }
}
