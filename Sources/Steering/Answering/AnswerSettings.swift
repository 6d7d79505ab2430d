/// How a server answers, besides what its policy says.
public struct AnswerSettings: Sendable {
  /// What of an answer is left out that a client could do without.
  public enum MinimalResponses: String, CaseIterable, Sendable {
    /// Authority and additional sections have only what denials and referrals need.
    case yes
    /// The addresses of names in the answer are added as far as there is room.
    case noAuth = "no-auth"
    /// The zone's NS records, with their addresses, are added too.
    case no
  }

  /// What is left out.
  public var minimalResponses: MinimalResponses
  /// What `version.bind` and `version.server` CH TXT are answered with; nil refuses them (RFC 4892 §2).
  public var version: String?
  /// What `id.server` and `hostname.bind` CH TXT are answered with; nil refuses them (RFC 4892 §2).
  public var identifier: String?
  /// How long an idle TCP connection is kept, in tenths of a second: what clients are told that ask (RFC 7828).
  public var keepalive: UInt16

  /// Settings; those left out are the defaults.
  public init(
    minimalResponses: MinimalResponses = .noAuth, version: String? = nil, identifier: String? = nil,
    keepalive: UInt16 = 300
  ) {
    self.minimalResponses = minimalResponses
    self.version = version
    self.identifier = identifier
    self.keepalive = keepalive
  }
}
