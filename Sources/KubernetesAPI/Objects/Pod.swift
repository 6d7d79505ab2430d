/// A Pod, as far as it is read.
public struct Pod: Hashable, Sendable {
  /// Its namespace.
  public var namespace: String
  /// Its name, unique in the namespace at a time.
  public var name: String
  /// Which pod of that name it is.
  public var uid: String
  /// When it was made, in seconds since 1970.
  public var created: Int64
  /// Since when it may have its addresses, in seconds since 1970: when its network was set up last, which the condition
  /// `PodReadyToStartContainers` says, or else when a kubelet took it, or else when it was made.
  public var networked: Int64
  /// `spec.serviceAccountName`; empty if it is not set.
  public var serviceAccount: String
  /// Whether it shares its node's addresses.
  public var isOnHostNetwork: Bool
  /// Whether its phase is `Succeeded` or `Failed`: it gave its addresses back.
  public var isTerminated: Bool
  /// `status.podIPs`, or `status.podIP` where that is all there is.
  public var addresses: [String]
  /// `status.hostIPs`, or `status.hostIP`.
  public var nodeAddresses: [String]

  /// A pod of these fields.
  public init(
    namespace: String, name: String, uid: String, created: Int64 = 0, networked: Int64? = nil,
    serviceAccount: String = "default", isOnHostNetwork: Bool = false, isTerminated: Bool = false,
    addresses: [String] = [], nodeAddresses: [String] = []
  ) {
    self.namespace = namespace
    self.name = name
    self.uid = uid
    self.created = created
    self.networked = networked ?? created
    self.serviceAccount = serviceAccount
    self.isOnHostNetwork = isOnHostNetwork
    self.isTerminated = isTerminated
    self.addresses = addresses
    self.nodeAddresses = nodeAddresses
  }
}
