import Glibc

/// An IPv4 or IPv6 address as 128 bits; an IPv4 address is held as its mapped form `::ffff:a.b.c.d`.
///
/// So an IPv4 client that a dual-stack socket reports as IPv4-mapped IPv6 is the same address (RFC 4291 §2.5.5.2).
public struct IPAddress: Hashable, Sendable {
  /// The first eight octets, in network order.
  public let high: UInt64
  /// The last eight octets, in network order.
  public let low: UInt64

  /// The address of eight and eight octets.
  @inlinable
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The IPv4 address of a 32-bit number in host order.
  @inlinable
  public init(v4 value: UInt32) {
    self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(value))
  }

  /// The address of 4 or 16 octets in network order; nil for any other count.
  public init?(octets: some Collection<UInt8>) {
    switch octets.count {
    case 4: self.init(v4: octets.reduce(0) { $0 << 8 | UInt32($1) })
    case 16:
      self.init(
        high: octets.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
        low: octets.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) })
    default: return nil
    }
  }

  /// Reads dotted-quad IPv4 or RFC 4291 IPv6 text; nil if it is neither.
  ///
  /// Zones (`%eth0`) are refused.
  public init?(_ text: String) {
    var v4 = in_addr()
    if unsafe inet_pton(AF_INET, text, &v4) == 1 {
      self.init(v4: UInt32(bigEndian: v4.s_addr))
      return
    }
    var words: (UInt64, UInt64) = (0, 0)
    guard unsafe inet_pton(AF_INET6, text, &words) == 1 else { return nil }
    self.init(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1))
  }

  /// Whether the address is IPv4.
  @inlinable
  public var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

  /// The address in network order: 4 octets for IPv4, 16 for IPv6.
  public var octets: [UInt8] {
    if isIPv4 { return (0..<4).map { UInt8(truncatingIfNeeded: low >> (24 - 8 * UInt64($0))) } }
    return [high, low].flatMap { half in
      (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * UInt64($0))) }
    }
  }

  /// The prefix of the address with `length` leading bits, counted in its own family, all others zero.
  func masked(to length: Int) -> IPAddress {
    let bits = isIPv4 ? length + 96 : length
    let highMask: UInt64 = bits >= 64 ? .max : ~(.max >> UInt64(bits))
    let lowMask: UInt64 = bits <= 64 ? 0 : (bits >= 128 ? .max : ~(.max >> UInt64(bits - 64)))
    return IPAddress(high: high & highMask, low: low & lowMask)
  }
}

extension IPAddress: CustomStringConvertible {
  /// The address as text (RFC 5952 for IPv6).
  public var description: String {
    withText { text in String(decoding: text.indices.map { text[$0] }, as: UTF8.self) }
  }

  /// Hands the address as ASCII text to `body`, without allocating.
  public func withText<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    var text = InlineArray<46, UInt8>(repeating: 0)
    let family = isIPv4 ? AF_INET : AF_INET6
    var words = isIPv4 ? ((low << 32).bigEndian, 0) : (high.bigEndian, low.bigEndian)
    var span = text.mutableSpan
    unsafe span.withUnsafeMutableBytes { buffer in
      _ = unsafe inet_ntop(family, &words, buffer.baseAddress, socklen_t(buffer.count))
    }
    var length = 0
    while length < text.count, text[length] != 0 { length += 1 }
    return body(text.span.extracting(0..<length))
  }
}

extension IPAddress: Comparable {
  /// Numeric order, all IPv4 together.
  @inlinable
  public static func < (left: IPAddress, right: IPAddress) -> Bool {
    left.high != right.high ? left.high < right.high : left.low < right.low
  }
}

/// A block of addresses in CIDR notation, such as `10.8.4.0/22` (RFC 4632).
public struct IPBlock: Hashable, Sendable {
  /// The first address of the block.
  public let first: IPAddress
  /// The prefix length in bits, counted in the address's own family: 0–32 or 0–128.
  public let prefixLength: Int

  /// Reads `ADDRESS/LENGTH`; throws the fault, host bits that are set among them.
  public init(_ text: String) throws(IPBlockError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPAddress(String(parts[0])) else { throw .malformed }
    let digits = parts[1]
    guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy(\.isASCIIDigit),
      digits.utf8.first != 0x30 || digits.utf8.count == 1, let length = Int(digits),
      length <= (address.isIPv4 ? 32 : 128)
    else { throw .badPrefixLength }
    let masked = address.masked(to: length)
    guard masked == address else { throw .hostBitsSet(network: "\(masked)/\(length)") }
    first = address
    prefixLength = length
  }

  /// The block of one address.
  public init(_ address: IPAddress) {
    first = address
    prefixLength = address.isIPv4 ? 32 : 128
  }

  /// The name of the block in the reverse tree: its whole labels, of 8 bits below `in-addr.arpa` or 4 below `ip6.arpa`,
  /// the last first (RFC 1035 §3.5, RFC 3596 §2.5).
  public var reverseName: DomainName {
    let octets = first.octets
    let labels =
      first.isIPv4
      ? octets.prefix(prefixLength / 8).map { "\($0)" }
      : octets.flatMap { [$0 >> 4, $0 & 0xF] }.prefix(prefixLength / 4).map { String($0, radix: 16) }
    let suffix = first.isIPv4 ? ["in-addr", "arpa"] : ["ip6", "arpa"]
    // At most 34 short labels: always a name.
    return (try? DomainName((labels.reversed() + suffix).joined(separator: "."))) ?? .root
  }

  /// The last address of the block.
  public var last: IPAddress {
    let bits = first.isIPv4 ? prefixLength + 96 : prefixLength
    let highHost: UInt64 = bits >= 64 ? 0 : .max >> UInt64(bits)
    let lowHost: UInt64 = bits <= 64 ? .max : (bits >= 128 ? 0 : .max >> UInt64(bits - 64))
    return IPAddress(high: first.high | highHost, low: first.low | lowHost)
  }

  /// Whether `address` lies in the block; an IPv6 block never holds an IPv4 address.
  public func contains(_ address: IPAddress) -> Bool {
    address.isIPv4 == first.isIPv4 && first <= address && address <= last
  }
}

extension IPBlock: CustomStringConvertible {
  /// The block in CIDR notation.
  public var description: String { "\(first)/\(prefixLength)" }
}

/// Why text is not an address block.
public enum IPBlockError: Error, Equatable, Sendable {
  case malformed
  case badPrefixLength
  /// Bits past the prefix are set; `network` is the block that was probably meant.
  case hostBitsSet(network: String)
}
