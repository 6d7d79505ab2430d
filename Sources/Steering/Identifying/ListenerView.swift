/// Whom the queries that come to a listener are from, for forwarders that can tell it in no other way.
public struct ListenerView: Hashable, Sendable {
  /// The namespace of the clients.
  public var namespace: String

  /// The view of a namespace.
  public init(namespace: String) {
    self.namespace = namespace
  }
}

extension Snapshot {
  /// What keeps a listener's queries from being those of its view, in the words of a log; nil if nothing does.
  public func obstacle(to view: ListenerView) -> String? {
    if entry(of: view) == Sender.unknownNamespace {
      "the namespace is not known, so its clients are unknown; correct the name, or add the Namespace"
    } else if !policy.identityRules.contains(where: \.trustsAnyone) {
      "no zone trusts a forwarder, so the listener is like any other; name the forwarder in 'trustedForwarders'"
    } else {
      nil
    }
  }

  /// The entry of the namespace that a listener stands for.
  func entry(of view: ListenerView) -> Int {
    let name = Array(view.namespace.utf8)
    return policy.namespaces.entry(of: 0..<name.count, in: name.span) ?? Sender.unknownNamespace
  }
}
