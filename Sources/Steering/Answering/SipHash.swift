/// SipHash-2-4 of a message as it is written octet by octet: 64 bits under a key of 128.
///
/// Source: J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF"; what RFC 9018 §4.4 asks for.
struct SipHash {
  /// A key: two words of eight octets, the first octet lowest.
  struct Key: Hashable, Sendable {
    var low: UInt64
    var high: UInt64
  }

  private var v0: UInt64
  private var v1: UInt64
  private var v2: UInt64
  private var v3: UInt64
  private var word: UInt64 = 0
  private var count: UInt64 = 0

  /// The hash of nothing yet.
  init(_ key: Key) {
    v0 = key.low ^ 0x736F_6D65_7073_6575
    v1 = key.high ^ 0x646F_7261_6E64_6F6D
    v2 = key.low ^ 0x6C79_6765_6E65_7261
    v3 = key.high ^ 0x7465_6462_7974_6573
  }

  /// Adds one octet.
  mutating func add(_ octet: UInt8) {
    word |= UInt64(octet) << (8 * (count & 7))
    count &+= 1
    guard count & 7 == 0 else { return }
    compress(word)
    word = 0
  }

  /// The hash of all that was added.
  consuming func finish() -> UInt64 {
    compress(word | count << 56)
    v2 ^= 0xFF
    for _ in 0..<4 { round() }
    return v0 ^ v1 ^ v2 ^ v3
  }

  private mutating func compress(_ word: UInt64) {
    v3 ^= word
    round()
    round()
    v0 ^= word
  }

  private mutating func round() {
    v0 &+= v1
    v1 = v1 << 13 | v1 >> 51
    v1 ^= v0
    v0 = v0 << 32 | v0 >> 32
    v2 &+= v3
    v3 = v3 << 16 | v3 >> 48
    v3 ^= v2
    v0 &+= v3
    v3 = v3 << 21 | v3 >> 43
    v3 ^= v0
    v2 &+= v1
    v1 = v1 << 17 | v1 >> 47
    v1 ^= v2
    v2 = v2 << 32 | v2 >> 32
  }
}
