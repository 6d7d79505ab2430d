/// Where an API server is, whom to trust there, and who we are to it.
public struct ClusterAccess: Equatable, Sendable {
  /// The server's address, such as `https://10.96.0.1:443`; a path, if there is one, goes before every request's.
  public var server: String
  /// The namespace that we are in, or that the kubeconfig's context names.
  public var namespace: String
  /// The certificates to trust, in PEM; nil trusts the system's.
  public var authorities: [UInt8]?
  /// The name that the server's certificate has, where it has not that of the address.
  public var serverName: String?
  /// Who we are.
  public var credentials: Credentials

  /// The access of these parts.
  public init(
    server: String, namespace: String = "default", authorities: [UInt8]? = nil, serverName: String? = nil,
    credentials: Credentials = Credentials()
  ) {
    self.server = server
    self.namespace = namespace
    self.authorities = authorities
    self.serverName = serverName
    self.credentials = credentials
  }
}
