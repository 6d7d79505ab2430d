/// A Service, as far as it is read.
public struct Service: Hashable, Sendable {
  /// A port and where it leads to.
  public struct Port: Hashable, Sendable {
    /// Where a port leads to in the pods.
    public enum Target: Hashable, Sendable {
      /// A number.
      case number(Int32)
      /// A name that each pod gives a number of its own.
      case name(String)
    }

    /// The Service's port.
    public var port: Int32
    /// `TCP`, `UDP` or `SCTP`; empty is `TCP`.
    public var transport: String
    /// `targetPort`; nil is the port itself.
    public var target: Target?

    /// A port of these fields.
    public init(port: Int32, transport: String = "TCP", target: Target? = nil) {
      self.port = port
      self.transport = transport
      self.target = target
    }
  }

  /// Its namespace.
  public var namespace: String
  /// Its name.
  public var name: String
  /// Which Service of that name it is.
  public var uid: String
  /// `spec.clusterIPs`, or `spec.clusterIP` where that is all there is; `None` for a headless one.
  public var clusterIPs: [String]
  /// `spec.type`, such as `ClusterIP` or `ExternalName`.
  public var type: String
  /// Its ports.
  public var ports: [Port]

  /// A Service of these fields.
  public init(
    namespace: String, name: String, uid: String, clusterIPs: [String], type: String = "ClusterIP", ports: [Port]
  ) {
    self.namespace = namespace
    self.name = name
    self.uid = uid
    self.clusterIPs = clusterIPs
    self.type = type
    self.ports = ports
  }
}
