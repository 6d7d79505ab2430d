public import DNSWire

/// Who may have a zone as a whole, and as whom it sees the zone.
public struct TransferRule: Sendable {
  /// The view in which the zone is handed out: that of a namespace's pods, or of one service account of it.
  public struct View: Hashable, Sendable {
    /// The namespace.
    public var namespace: String
    /// The service account's name; nil for the view of the namespace's other pods.
    public var serviceAccount: String?

    /// The view of a namespace, or of a service account in it.
    public init(namespace: String, serviceAccount: String? = nil) {
      self.namespace = namespace
      self.serviceAccount = serviceAccount
    }
  }

  /// The key that must sign the request; nil if the address is enough.
  public var key: Located<DomainName>?
  /// The addresses of which the request must come from one; empty if the key is enough.
  public var blocks: [IPBlock]
  /// The view; nil for that of clients no policy selects.
  public var view: Located<View>?
  /// Whom to tell when the zone changed.
  public var notify: [Endpoint]

  /// A rule of its parts.
  public init(
    key: Located<DomainName>? = nil, blocks: [IPBlock] = [], view: Located<View>? = nil, notify: [Endpoint] = []
  ) {
    self.key = key
    self.blocks = blocks
    self.view = view
    self.notify = notify
  }
}
