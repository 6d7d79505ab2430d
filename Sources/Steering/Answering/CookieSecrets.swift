import DNSWire

/// What server cookies are made with: the first secret makes them, each of them is good for checking (RFC 9018 §5).
///
/// Servers that share an address share their secrets, so that a client may be answered by any of them.
public struct CookieSecrets: Sendable {
  /// The most secrets there may be.
  public static let maximumCount = 8
  /// A secret's size in octets (RFC 9018 §4.4).
  public static let secretSize = 16
  /// How old a cookie may be, and how far ahead of our clock, in seconds (RFC 9018 §4.3).
  private static let oldest: UInt32 = 3600
  private static let farthestAhead: UInt32 = 300
  /// From which age on a client gets a new one.
  private static let renewal: UInt32 = 1800

  private let keys: [SipHash.Key]

  /// The secrets in their order; nil if one has not `secretSize` octets, or there are none or too many.
  public init?(_ secrets: [[UInt8]]) {
    guard (1...Self.maximumCount).contains(secrets.count), secrets.allSatisfy({ $0.count == Self.secretSize }) else {
      return nil
    }
    keys = secrets.map { secret in
      let words = [secret[..<8], secret[8...]].map { $0.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
      return SipHash.Key(low: words[0], high: words[1])
    }
  }

  /// A secret that nobody knows, for a server that shares none.
  public static func random() -> CookieSecrets {
    CookieSecrets(SipHash.Key(low: .random(in: 0 ... .max), high: .random(in: 0 ... .max)))
  }

  private init(_ key: SipHash.Key) {
    keys = [key]
  }

  /// A server cookie: VERSION 1, RESERVED 3, TIMESTAMP 4, HASH 8 (RFC 9018 §4).
  typealias ServerCookie = InlineArray<16, UInt8>

  /// What became of a COOKIE option.
  struct Check {
    /// Whether the server cookie in it is one of ours for that client, and not too old.
    var isValid: Bool
    /// The server cookie to answer with.
    var answer: ServerCookie
  }

  /// Checks the option whose data stand at `range` of a message that came from `address` at `time`, in seconds since
  /// 1970; the first 8 octets are the client's cookie.
  func check(_ range: Range<Int>, of message: borrowing Span<UInt8>, from address: IPAddress, at time: UInt32)
    -> Check
  {
    var fresh = ServerCookie(repeating: 0)
    fresh[0] = 1
    for index in 0..<4 { fresh[4 + index] = UInt8(truncatingIfNeeded: time >> UInt32(24 - 8 * index)) }
    Self.seal(&fresh, of: message, at: range.lowerBound, address, keys[0])
    var check = Check(isValid: false, answer: fresh)
    guard range.count == 24 else { return check }
    var received = ServerCookie(repeating: 0)
    for index in 0..<16 { received[index] = message[range.lowerBound + 8 + index] }
    let made = (4..<8).reduce(UInt32(0)) { $0 << 8 | UInt32(received[$1]) }
    // Serial arithmetic: the clock of 32 bits wraps in 2106 (RFC 9018 §4.3, RFC 1982).
    let age = time &- made
    guard received[0] == 1, age <= Self.oldest || made &- time <= Self.farthestAhead else { return check }
    for place in keys.indices {
      // What is reserved counts as it came: later versions may use it (RFC 9018 §4.2).
      var expected = received
      Self.seal(&expected, of: message, at: range.lowerBound, address, keys[place])
      // All octets, whatever the first ones are: how long it takes tells nothing of the right ones.
      var difference: UInt8 = 0
      for index in 0..<16 { difference |= expected[index] ^ received[index] }
      guard difference == 0 else { continue }
      check.isValid = true
      if place == 0, age < Self.renewal { check.answer = received }
    }
    return check
  }

  /// Writes the hash behind the first 8 octets of a cookie: of the client cookie at `start` of a message, of those
  /// octets, and of the client's address (RFC 9018 §4.4).
  private static func seal(
    _ cookie: inout ServerCookie, of message: borrowing Span<UInt8>, at start: Int, _ address: IPAddress,
    _ key: SipHash.Key
  ) {
    var hash = SipHash(key)
    for index in 0..<8 { hash.add(message[start + index]) }
    for index in 0..<8 { hash.add(cookie[index]) }
    if !address.isIPv4 { add(address.high, octets: 8, to: &hash) }
    add(address.low, octets: address.isIPv4 ? 4 : 8, to: &hash)
    let value = hash.finish()
    // The hash's octets go lowest first.
    for index in 0..<8 { cookie[8 + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
  }

  /// Adds the last octets of a number, in network order.
  private static func add(_ number: UInt64, octets: Int, to hash: inout SipHash) {
    for index in 0..<octets { hash.add(UInt8(truncatingIfNeeded: number >> UInt64(8 * (octets - 1 - index)))) }
  }
}
