/// An address and a port, UDP or TCP.
public struct Endpoint: Hashable, Sendable {
  /// The address.
  public var address: IPAddress
  /// The port; 0 asks for a free one.
  public var port: UInt16

  /// An endpoint of an address and a port.
  public init(address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }

  /// Reads `ADDRESS:PORT`, an IPv6 address in brackets; nil if it is anything else.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    var host = text[..<colon]
    let digits = text[text.index(after: colon)...]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard digits.utf8.allSatisfy(\.isASCIIDigit), let port = UInt16(digits), let address = IPAddress(String(host))
    else { return nil }
    self.init(address: address, port: port)
  }
}

extension Endpoint: CustomStringConvertible {
  /// `ADDRESS:PORT`, an IPv6 address in brackets.
  public var description: String {
    address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
  }
}
