/// The header that a proxy sends before a message, or at the start of a stream: PROXY protocol, version 2.
///
/// Layout: signature 12, version and command 1, family and transport 1, length 2, then that many octets: source and
/// destination address, source and destination port, and TLVs, which are skipped. The signature is no DNS message:
/// read as one it has 13 questions, so a reader may look for it in front of every message.
public enum ProxyHeader: Equatable, Sendable {
  /// There is none.
  case absent
  /// It has begun, and more of it is to come.
  case incomplete
  /// It breaks the protocol: where the message starts cannot be told.
  case invalid
  /// It is here, `length` octets long, and says that the message is `client`'s.
  case present(client: RelayedClient, length: Int)

  /// The octets it starts with.
  public static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
  /// The octets before the addresses.
  private static let fixedSize = 16
  /// The most octets that a header may have, TLVs included; a longer one is invalid.
  public static let maximumSize = 1024

  /// Reads the header at the start of `octets`; of a datagram nothing more is to come, so that none is incomplete.
  public static func read(_ octets: borrowing Span<UInt8>, isDatagram: Bool) -> ProxyHeader {
    // The usual case first: the ID of hardly any query is the signature's start.
    guard octets.count > 0, octets[0] == 0x0D else { return .absent }
    for index in 0..<min(octets.count, 12) where octets[index] != signature[index] { return .absent }
    guard octets.count >= fixedSize else {
      return !isDatagram ? .incomplete : octets.count >= 12 ? .invalid : .absent
    }
    let size = Int(octets.uint16(at: 14))
    let length = fixedSize + size
    guard octets[12] >> 4 == 2, length <= maximumSize else { return .invalid }
    guard length <= octets.count else { return isDatagram ? .invalid : .incomplete }
    switch octets[12] & 0x0F {
    case 0: return .present(client: .proxyItself, length: length)
    case 1: return .present(client: client(octets, size: size), length: length)
    default: return .invalid
    }
  }

  /// The source address of a PROXY command, whose address block has `size` octets.
  private static func client(_ octets: borrowing Span<UInt8>, size: Int) -> RelayedClient {
    switch octets[13] {
    case 0x11, 0x12:
      guard size >= 12, let address = octets.address(at: fixedSize, count: 4) else { return .unreadable }
      return .address(address)
    case 0x21, 0x22:
      guard size >= 36, let address = octets.address(at: fixedSize, count: 16) else { return .unreadable }
      return .address(address)
    default: return .unreadable
    }
  }
}

/// Whom a PROXY header says that a message is of.
public enum RelayedClient: Equatable, Sendable {
  /// There was no header.
  case none
  /// The proxy speaks for itself (LOCAL), as in its health checks.
  case proxyItself
  /// A client of this address.
  case address(IPAddress)
  /// There was a header without an IP address that can be read.
  case unreadable
}

extension Span<UInt8> {
  /// The address in the 4 or 16 octets at `position`; nil if they are not there, or for any other count.
  public func address(at position: Int, count size: Int) -> IPAddress? {
    guard position >= 0, size == 4 || size == 16, size <= count - position else { return nil }
    if size == 4 { return IPAddress(v4: UInt32(number(at: position, count: 4))) }
    return IPAddress(high: number(at: position, count: 8), low: number(at: position + 8, count: 8))
  }

  private func number(at position: Int, count: Int) -> UInt64 {
    var number: UInt64 = 0
    for index in position..<(position + count) { number = number << 8 | UInt64(self[index]) }
    return number
  }
}
