/// A query as read: made once and read into again and again, without allocation.
public struct Query: ~Copyable {
  /// What EDNS the query came with (RFC 6891 §6.1).
  public struct EDNS: Sendable {
    /// The largest response the client can take over UDP, in octets.
    public var payloadSize: UInt16
    /// The version; only 0 is known.
    public var version: UInt8
    /// Whether DNSSEC records are wanted (DO, RFC 3225).
    public var dnssecOK: Bool
    /// Whether the server's identifier is wanted (NSID, RFC 5001 §2.1).
    public var wantsNSID: Bool
    /// Where the options stand in the message: each is a code of two octets, a length of two, and its data.
    public var options: Range<Int>
    /// Whether a Client Subnet option is there (RFC 7871).
    public var hasClientSubnet = false
    /// Where the data of the first COOKIE option stand; empty if there is none (RFC 7873 §4).
    public var cookie = 0..<0
    /// Whether the client asks how long an idle connection is kept (RFC 7828 §3.2.1).
    public var wantsKeepalive = false
    /// Whether a time stands in that option, which over TCP is a server's to say; over UDP the option means nothing
    /// (RFC 7828 §3.2.1, §3.3.1).
    public var hasKeepaliveTime = false
    /// Whether an option has a length that it cannot have.
    public var hasInvalidOption = false
  }

  /// What became of reading a message, and so what is to be done with it.
  public enum Outcome: Sendable {
    /// It is a query.
    case query
    /// It is not to be answered: a response, or shorter than a header (RFC 1035 §7.3, RFC 8906 §3).
    case silence
    /// It is malformed: FORMERR.
    case malformed
    /// It has no question, and asks for a cookie alone (RFC 7873 §5.4).
    case cookieRequest
    /// It tells of a zone's change (RFC 1996); this server transfers no zone in.
    case notification
    /// Its opcode is neither: NOTIMP.
    case unknownOpcode
  }

  /// The message ID.
  public internal(set) var id: UInt16 = 0
  /// The flags as received.
  public internal(set) var flags: Header.Flags = []
  /// The question's name, in lower case.
  public internal(set) var name = QuestionName()
  /// The question's type.
  public internal(set) var type = RecordType(rawValue: 0)
  /// The question's class.
  public internal(set) var recordClass = RecordClass.internet
  /// Where the question section ends; the header's end if no question could be read.
  public internal(set) var questionEnd = Header.size
  /// The EDNS of the query, or nil if it has no OPT.
  public internal(set) var edns: EDNS?

  /// Where the TSIG starts that ends the query (RFC 8945); 0 if there is none.
  public internal(set) var signatureStart = 0
  /// The serial of the zone that a client has who asks for what changed since (RFC 1995 §3).
  public internal(set) var knownSerial: UInt32?

  /// A query that nothing was read into yet.
  public init() {}

  /// Whether a question was read, which a response then echoes.
  @inlinable
  public var hasQuestion: Bool { questionEnd > Header.size }

  /// Whether the query ends with a TSIG.
  @inlinable
  public var isSigned: Bool { signatureStart > 0 }
}
