public import DNSWire

/// The listeners of Steer that answer for one namespace, and the addresses of that namespace's pods.
public struct NamespaceListener: Hashable, Sendable {
  /// The namespace.
  public var namespace: String
  /// Where Steer answers for it: one, or several such as IPv4 and IPv6.
  public var endpoints: [Endpoint]
  /// The addresses of its pods now.
  public var clients: [IPAddress]

  /// The listeners for a namespace with these pods.
  public init(namespace: String, endpoints: [Endpoint], clients: [IPAddress] = []) {
    self.namespace = namespace
    self.endpoints = endpoints
    self.clients = clients
  }

  /// Whether Steer answers for it at an address of the forwarder's own machine.
  var isOnOwnMachine: Bool { endpoints.contains(where: \.isOnOwnMachine) }

  /// Whether the namespace has the form of one, a DNS label (RFC 1123), and so cannot end a quoted word.
  var hasValidNamespace: Bool {
    (1...63).contains(namespace.utf8.count)
      && namespace.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
  }
}
