import DNSWire
import KubernetesAPI

/// What is kept of a pod, in few octets: a large cluster has 150,000.
struct PodRecord: Sendable {
  /// The hash of its UID, which tells pods of one name apart.
  let uid: UInt64
  /// When it was made, in seconds since 1970.
  let created: Int64
  /// Since when it may have its addresses, in seconds since 1970.
  let networked: Int64
  /// Its service account.
  var serviceAccount: String
  /// The addresses that are its own, one of each family at most: none on the host network, or after it ended.
  let addresses: AddressPair
  /// The list that told of it last, or that was told last before it was told of.
  let listing: UInt32
  /// Its node, in the table of nodes.
  var node: UInt32 = NodeTable.none

  /// The record of a pod, but for its node.
  init(_ pod: Pod, listing: UInt32) {
    uid = Self.hash(uid: pod.uid)
    created = pod.created
    networked = pod.networked
    serviceAccount = pod.serviceAccount
    addresses =
      pod.isOnHostNetwork || pod.isTerminated
      ? AddressPair() : AddressPair(pod.addresses.lazy.compactMap(IPAddress.init))
    self.listing = listing
  }

  /// Whether it has an address by the same right as the record before it, if that had it.
  func holds(_ address: IPAddress, as old: PodRecord) -> Bool {
    uid == old.uid && networked == old.networked && addresses.contains(address)
  }

  /// The hash of a UID (FNV-1a).
  static func hash(uid: String) -> UInt64 {
    uid.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}

/// An address of each family at most.
struct AddressPair: Hashable, Sequence, Sendable {
  /// Zero is none: neither family has a host of that address.
  private var v4: UInt32 = 0
  private var high: UInt64 = 0
  private var low: UInt64 = 0

  /// The first address of each family.
  init(_ addresses: some Sequence<IPAddress> = []) {
    for address in addresses {
      if address.isIPv4 {
        if v4 == 0 { v4 = UInt32(truncatingIfNeeded: address.low) }
      } else if high == 0, low == 0 {
        (high, low) = (address.high, address.low)
      }
    }
  }

  func makeIterator() -> some IteratorProtocol<IPAddress> {
    [v4 == 0 ? nil : IPAddress(v4: v4), high == 0 && low == 0 ? nil : IPAddress(high: high, low: low)].lazy
      .compactMap(\.self).makeIterator()
  }
}

extension Pod {
  /// How many addresses of a node are looked at.
  private static var nodeAddressLimit: Int { 8 }

  /// The addresses of its node, sorted: on the host network its own too.
  var addressesOfNode: [IPAddress] {
    let texts = isOnHostNetwork ? nodeAddresses + addresses : nodeAddresses
    return Set(texts.prefix(Self.nodeAddressLimit).compactMap(IPAddress.init)).sorted()
  }
}
