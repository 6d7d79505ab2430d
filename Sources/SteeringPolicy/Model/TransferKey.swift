public import DNSWire

/// A secret that two servers share to sign messages with (TSIG, RFC 8945).
public struct TransferKey: Sendable {
  /// How messages are signed.
  public enum Algorithm: String, Sendable, CaseIterable {
    case hmacSHA256 = "hmac-sha256"
    case hmacSHA384 = "hmac-sha384"
    case hmacSHA512 = "hmac-sha512"

    /// The size of a whole signature in octets.
    public var size: Int {
      switch self {
      case .hmacSHA256: 32
      case .hmacSHA384: 48
      case .hmacSHA512: 64
      }
    }
  }

  /// The fewest octets that a secret may have.
  public static let minimumSecretSize = 16

  /// The name by which both servers know the key.
  public var name: DomainName
  /// How messages are signed.
  public var algorithm: Algorithm
  /// The secret.
  public var secret: [UInt8]

  /// A key of its parts.
  public init(name: DomainName, algorithm: Algorithm, secret: [UInt8]) {
    self.name = name
    self.algorithm = algorithm
    self.secret = secret
  }
}

extension TransferKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Name and algorithm: the secret is never shown.
  public var description: String { "\(name) \(algorithm.rawValue)" }
  /// As `description`.
  public var debugDescription: String { description }
  /// What a dump shows: no more than `description`.
  public var customMirror: Mirror { Mirror(self, children: ["key": description]) }
}
