/// The header of a message (RFC 1035 §4.1.1): ID, flags and four counts, two octets each.
public enum Header {
  /// The header's size in octets.
  public static let size = 12

  /// The bits of the third and fourth octet as one number, first octet high.
  public struct Flags: OptionSet, Sendable {
    /// The sixteen bits.
    public let rawValue: UInt16

    /// Flags of sixteen bits.
    @inlinable
    public init(rawValue: UInt16) {
      self.rawValue = rawValue
    }

    public static let response = Flags(rawValue: 1 << 15)
    public static let authoritative = Flags(rawValue: 1 << 10)
    public static let truncated = Flags(rawValue: 1 << 9)
    public static let recursionDesired = Flags(rawValue: 1 << 8)

    /// The four bits of the opcode, where they stand.
    public static let opcode = Flags(rawValue: 0xF << 11)
    /// The opcode NOTIFY (RFC 1996 §3.3).
    public static let notify = Flags(rawValue: 4 << 11)
  }
}
