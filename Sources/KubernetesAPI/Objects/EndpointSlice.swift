/// An EndpointSlice, as far as it is read.
public struct EndpointSlice: Hashable, Sendable {
  /// An endpoint.
  public struct Endpoint: Hashable, Sendable {
    /// Its addresses.
    public var addresses: [String]
    /// `conditions.ready`; what is not said is ready.
    public var isReady: Bool
    /// `conditions.terminating`.
    public var isTerminating: Bool

    /// An endpoint of these fields.
    public init(addresses: [String], isReady: Bool = true, isTerminating: Bool = false) {
      self.addresses = addresses
      self.isReady = isReady
      self.isTerminating = isTerminating
    }
  }

  /// Its namespace.
  public var namespace: String
  /// Its name.
  public var name: String
  /// Which slice of that name it is.
  public var uid: String
  /// The Service that it is of: the label `kubernetes.io/service-name`.
  public var service: String?
  /// `IPv4`, `IPv6` or `FQDN`.
  public var addressType: String
  /// Its endpoints.
  public var endpoints: [Endpoint]

  /// A slice of these fields.
  public init(
    namespace: String, name: String, uid: String, service: String?, addressType: String, endpoints: [Endpoint]
  ) {
    self.namespace = namespace
    self.name = name
    self.uid = uid
    self.service = service
    self.addressType = addressType
    self.endpoints = endpoints
  }
}
