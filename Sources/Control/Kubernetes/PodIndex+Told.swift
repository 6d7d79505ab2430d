import DNSWire
public import KubernetesAPI
public import Steering

extension PodIndex {
  /// The index as pods that the API server could have told of, for keeping: one for each address, and one for each node.
  ///
  /// They share the index's memory, and are made one after the other.
  public var told: some Sequence<Pod> & Sendable {
    ToldPods(index: self)
  }

  /// The index of what was kept; what cannot be an address is left out.
  init(told pods: some Sequence<Pod>) {
    var changes: [Change] = []
    for pod in pods {
      let identity = Identity(namespace: pod.namespace, serviceAccount: pod.serviceAccount)
      for address in PodRecord(pod, listing: 0).addresses {
        changes.append(.assigned(address, to: Owner(identity, name: pod.name)))
      }
      for address in pod.addressesOfNode { changes.append(.nodeAdded(address)) }
    }
    self = PodIndex([]).applying(changes)
  }
}

/// The pods of an index.
private struct ToldPods: Sequence, Sendable {
  let index: PodIndex

  func makeIterator() -> some IteratorProtocol<Pod> {
    let pods = index.entries.lazy.map { address, owner in
      Pod(
        namespace: owner.identity.namespace, name: owner.name, uid: "",
        serviceAccount: owner.identity.serviceAccount, addresses: ["\(address)"])
    }
    let nodes = index.nodes.lazy.map { address in
      Pod(namespace: "", name: "", uid: "", isOnHostNetwork: true, nodeAddresses: ["\(address)"])
    }
    return [AnySequence(pods), AnySequence(nodes)].joined().makeIterator()
  }
}
