/// Which snapshot it is: what it was made of, and its place in time.
public struct Generation: Hashable, Sendable {
  /// SHA-256 of the inputs, as 64 hexadecimal digits: equal on every replica that compiled the same policy, zones and
  /// Services.
  ///
  /// Pods are not part of it.
  public let digest: String
  /// The serial of every SOA: never goes back (RFC 1982).
  public let serial: UInt32

  /// A generation of a digest and a serial.
  public init(digest: String, serial: UInt32) {
    self.digest = digest
    self.serial = serial
  }

  /// The first 16 digits of the digest, as shown where space is short.
  public var shortDigest: String { String(digest.prefix(16)) }
}

extension Generation: CustomStringConvertible {
  /// `SERIAL/DIGEST`, the digest shortened.
  public var description: String { "\(serial)/\(shortDigest)" }
}

/// A serial number of a zone and its arithmetic (RFC 1982).
public enum SerialNumber {
  /// Whether `left` comes after `right`.
  public static func isAfter(_ left: UInt32, _ right: UInt32) -> Bool {
    let distance = left &- right
    return distance != 0 && distance < 0x8000_0000
  }

  /// The later of two.
  public static func latest(_ left: UInt32, _ right: UInt32) -> UInt32 {
    isAfter(left, right) ? left : right
  }
}
