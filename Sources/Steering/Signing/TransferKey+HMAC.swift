import Crypto
import DNSWire
import SteeringPolicy

extension TransferKey {
  /// The authentication code of the parts as one text (RFC 2104).
  func authenticationCode(of parts: [[UInt8]]) -> [UInt8] {
    switch algorithm {
    case .hmacSHA256: code(of: parts, SHA256.self)
    case .hmacSHA384: code(of: parts, SHA384.self)
    case .hmacSHA512: code(of: parts, SHA512.self)
    }
  }

  private func code<Hash: HashFunction>(of parts: [[UInt8]], _: Hash.Type) -> [UInt8] {
    var hmac = HMAC<Hash>(key: SymmetricKey(data: secret))
    for part in parts { hmac.update(data: part) }
    return Array(hmac.finalize())
  }
}

extension TransferKey.Algorithm {
  /// The algorithm's name in a TSIG (RFC 8945 §6).
  var wireName: DomainName {
    switch self {
    case .hmacSHA256: Self.names.sha256
    case .hmacSHA384: Self.names.sha384
    case .hmacSHA512: Self.names.sha512
    }
  }

  private static let names = (
    sha256: name(Self.hmacSHA256), sha384: name(Self.hmacSHA384), sha512: name(Self.hmacSHA512)
  )

  /// The raw value is a valid name, so the root never stands for it.
  private static func name(_ algorithm: Self) -> DomainName { (try? DomainName(algorithm.rawValue)) ?? .root }
}
