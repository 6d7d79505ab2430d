import Synchronization

/// What happened, counted.
///
/// Each set of counters has one writer; anyone may read, and sums the sets.
public final class Counters: Sendable {
  /// What is counted.
  public enum Kind: Int, CaseIterable, Sendable {
    /// Messages received over UDP and TCP.
    case receivedUDP, receivedTCP
    /// Messages not answered: responses, and what is shorter than a header.
    case silence
    /// Responses by rcode; NOERROR without data is counted as `noData`.
    case noError, noData, formatError, serverFailure, nonexistentDomain, notImplemented, refused, notAuthorized
    case badVersion, nameExists
    /// Answers for the name servers' own CH TXT names.
    case serverName
    /// Queries with a DNS cookie of ours that is valid; with one that is not.
    case cookieValid, cookieInvalid
    /// Referrals to a delegated zone.
    case referral
    /// UDP responses that did not fit.
    case truncated
    /// Steered names: answered, denied by a rule, denied for want of a rule.
    case allowed, blocked, prohibited
    /// Answered only because a policy is in Report mode.
    case enforceWouldDeny
    /// Queries in a zone of ours from clients without a known identity.
    case unknownClient
    /// Sources of identity that were there and not believed: of a sender that may not speak for others, doubled,
    /// unreadable, of a network, at odds with another, of nobody known.
    case identityUntrusted, identityDuplicate, identityMalformed, identityTooCoarse, identityConflicting
    case identityUnknown
    /// Queries of forwarders that name no client.
    case identityAbsent
    /// Zone transfers begun, and brought to their end; those that were refused.
    case transferStarted, transferFinished, transferRefused
    /// Signatures that were not accepted: the code, the key, the time, a code that was cut.
    case tsigBadSignature, tsigBadKey, tsigBadTime, tsigBadTruncation
    /// Messages thrown away because the PROXY header before them breaks the protocol.
    case invalidProxyHeader

    /// The name in logs: snake case, as metrics have it.
    public var name: String {
      switch self {
      case .receivedUDP: "received_udp"
      case .receivedTCP: "received_tcp"
      default:
        "\(self)".reduce(into: "") { name, letter in
          name += letter.isUppercase ? "_" + letter.lowercased() : String(letter)
        }
      }
    }
  }

  private let values = InlineArray<64, Atomic<UInt64>> { _ in Atomic(0) }

  /// Counters at zero.
  public init() {}

  /// Adds one; only the owner calls it, so a load and a store are enough.
  @inline(__always)
  func add(_ kind: Kind) {
    let value = values[kind.rawValue].load(ordering: .relaxed)
    values[kind.rawValue].store(value &+ 1, ordering: .relaxed)
  }

  /// Counts a message that its transport threw away for its PROXY header; only the owner calls it.
  public func countInvalidProxyHeader() {
    add(.invalidProxyHeader)
  }

  /// The count of one kind.
  public subscript(kind: Kind) -> UInt64 {
    values[kind.rawValue].load(ordering: .relaxed)
  }
}
