/// What shows the API server who we are.
public struct Credentials: Equatable, Sendable {
  /// A bearer token.
  public enum Token: Sendable, Equatable {
    /// The token itself.
    case text(String)
    /// A file that has it, read for every request, because tokens rotate.
    case file(String)
  }

  /// A certificate with its key.
  public struct Certificate: Sendable, Equatable {
    /// The chain, in PEM, our certificate first.
    public var chain: [UInt8]
    /// The private key, in PEM.
    public var key: [UInt8]

    /// A certificate of this chain and key.
    public init(chain: [UInt8], key: [UInt8]) {
      self.chain = chain
      self.key = key
    }
  }

  /// The token, if there is one.
  public var token: Token?
  /// The certificate, if there is one.
  public var certificate: Certificate?

  /// These credentials; none of both is nobody.
  public init(token: Token? = nil, certificate: Certificate? = nil) {
    self.token = token
    self.certificate = certificate
  }
}
