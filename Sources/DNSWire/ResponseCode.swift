/// A response code, as extended by EDNS to twelve bits (RFC 6895 §2.3).
public enum ResponseCode: UInt16, Sendable, CaseIterable {
  case noError = 0
  case formatError = 1
  case serverFailure = 2
  case nonexistentDomain = 3
  case notImplemented = 4
  case refused = 5
  case nameExists = 6
  case notAuthorized = 9
  case badVersion = 16
}

extension ResponseCode: CustomStringConvertible {
  /// The mnemonic that dig prints.
  public var description: String {
    switch self {
    case .noError: "NOERROR"
    case .formatError: "FORMERR"
    case .serverFailure: "SERVFAIL"
    case .nonexistentDomain: "NXDOMAIN"
    case .notImplemented: "NOTIMP"
    case .refused: "REFUSED"
    case .nameExists: "YXDOMAIN"
    case .notAuthorized: "NOTAUTH"
    case .badVersion: "BADVERS"
    }
  }

  /// The code of a mnemonic, in any case.
  public init?(mnemonic: String) {
    guard let code = Self.allCases.first(where: { $0.description == mnemonic.uppercased() }) else { return nil }
    self = code
  }
}

/// An extended DNS error's INFO-CODE (RFC 8914 §4).
public enum ExtendedDNSError: UInt16, Sendable {
  case other = 0
  case notReady = 14
  case blocked = 15
  case censored = 16
  case filtered = 17
  case prohibited = 18
  case notAuthoritative = 20
  case notSupported = 21
}
