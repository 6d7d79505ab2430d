/// The answer to one question of Squid, without channel and line's end: `OK` or `ERR`, then `KEY=VALUE`s.
///
/// Squid misreads an answer that reaches it in two parts, so it is kept short enough for a hundred of them to go at once:
/// a value that does not fit is cut, and ends with `~`. Values are escaped, so that none of them can end early, be read
/// as two, or add a key.
struct HelperReply {
  /// The longest line, in octets, channel and line's end included.
  static let maximumLineLength = 320
  /// The longest answer: a channel has up to 19 digits, and a space and a line's end are around it.
  static let maximumLength = maximumLineLength - 21

  /// The answer.
  private(set) var octets: [UInt8]

  /// An answer without values.
  init(isAllowed: Bool) {
    octets = Array((isAllowed ? "OK" : "ERR").utf8)
  }

  /// The answer where Steer cannot be asked.
  static var unavailable: HelperReply {
    var reply = HelperReply(isAllowed: false)
    reply.add("reason", "unavailable")
    return reply
  }

  /// Adds a value, which takes at most `limit` octets; false, and nothing added, if there is no room for anything of it.
  @discardableResult mutating func add(_ key: StaticString, _ value: String, atMost limit: Int = .max) -> Bool {
    let room = min(limit, Self.maximumLength - octets.count - key.utf8CodeUnitCount - 2)
    var escaped: [UInt8] = []
    /// Where the value can end with one octet to spare.
    var end = 0
    for octet in value.utf8 {
      if Self.isPlain(octet) {
        escaped.append(octet)
      } else {
        escaped += [0x25, Self.digit(octet >> 4), Self.digit(octet & 0xF)]
      }
      if escaped.count < room { end = escaped.count }
      if escaped.count > room { break }
    }
    if escaped.count > room {
      guard end > 0 else { return false }
      escaped.removeSubrange(end...)
      escaped.append(0x7E)
    }
    guard !escaped.isEmpty else { return false }
    append(key)
    octets += escaped
    return true
  }

  /// Adds a value as a whole; false, and nothing added, if it does not fit.
  mutating func addWhole(_ key: StaticString, _ value: String) -> Bool {
    let octets = octets
    guard add(key, value), self.octets.last != 0x7E else {
      self.octets = octets
      return false
    }
    return true
  }

  private mutating func append(_ key: StaticString) {
    octets.append(0x20)
    key.withUTF8Buffer { buffer in
      for index in buffer.indices { octets.append(unsafe buffer[index]) }
    }
    octets.append(0x3D)
  }

  private static func isPlain(_ octet: UInt8) -> Bool {
    switch octet {
    case 0x2D, 0x2E, 0x2F, 0x3A, 0x5F: true
    default: octet.isASCIIDigit || octet.asciiLowercased.isASCIILowercaseLetter
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }

  /// The line on a channel.
  func line(on channel: UInt64) -> [UInt8] {
    Array("\(channel) ".utf8) + octets + [0x0A]
  }

  /// Whether octets are an answer that may be handed to Squid.
  static func isReply(_ octets: some Collection<UInt8>) -> Bool {
    guard octets.count <= maximumLength, octets.allSatisfy({ (0x20...0x7E).contains($0) }) else { return false }
    let verdict = octets.prefix { $0 != 0x20 }
    return verdict.elementsEqual("OK".utf8) || verdict.elementsEqual("ERR".utf8)
  }
}
