extension UInt8 {
  /// The octet with an ASCII capital letter made small; every other octet unchanged (RFC 4343 §3).
  @inlinable
  public var asciiLowercased: UInt8 {
    self &- 0x41 < 26 ? self | 0x20 : self
  }

  /// Whether the octet is `0`–`9`.
  @inlinable
  public var isASCIIDigit: Bool { self &- 0x30 < 10 }

  /// Whether the octet is `a`–`z`.
  @inlinable
  public var isASCIILowercaseLetter: Bool { self &- 0x61 < 26 }
}
