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
  /// The entry of the namespace that a listener stands for.
  func entry(of view: ListenerView) -> Int {
    let name = Array(view.namespace.utf8)
    return policy.namespaces.entry(of: 0..<name.count, in: name.span) ?? Sender.unknownNamespace
  }
}
