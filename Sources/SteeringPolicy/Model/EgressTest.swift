public import DNSWire

/// A unit test of the policy: what a client must be answered, and where it may connect.
public struct EgressTest: Sendable {
  /// Who asks.
  public enum Client: Hashable, Sendable {
    /// A pod of a namespace, of a service account if one is named.
    case pod(namespace: String, serviceAccount: String?)
    /// Whoever has the address.
    case address(IPAddress)
  }

  /// What is asked.
  public struct Query: Sendable {
    /// The name.
    public var name: DomainName
    /// The type.
    public var type: RecordType
  }

  /// What must be answered; what is nil is not looked at.
  public struct Expectation: Sendable {
    /// The response code; that of NODATA is `noError`.
    public var rcode: ResponseCode?
    /// Whether the answer must hold no record of the type that is asked (NODATA, RFC 2308 §2.2).
    public var isNoData = false
    /// Exactly these addresses in the answer section, in any order.
    public var addresses: [IPAddress]?
  }

  /// A request to the proxy, a CONNECT most often, and whether it must be let through.
  public struct Connect: Sendable {
    /// The route's name.
    public var route: String
    /// The HTTP method.
    public var method: String
    /// The destination as a client would write it.
    public var host: String
    /// The destination's TCP port.
    public var port: UInt16
    /// Whether it must be let through.
    public var expect: EgressRule.Action
  }

  /// The object's name.
  public var name: String
  /// Where `metadata.name` stands.
  public var location: SourceLocation
  /// Who asks.
  public var client: Client
  /// What is asked, if the test is about DNS.
  public var query: Query?
  /// What must be answered.
  public var expectation: Expectation
  /// What is connected to, if the test is about the proxy.
  public var connect: Connect?
}
